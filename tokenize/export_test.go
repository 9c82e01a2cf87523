package tokenize

// Forget drops the pooled workers, and with them what they have cached.
func (t *Tokenizer) Forget() { t.engine.workers = newWorkers() }

// Counted reports whether anything was counted, which builds the vocabulary.
func (t *Tokenizer) Counted() bool {
	for i := range t.engine.workers.idle {
		if t.engine.workers.idle[i].Load() != nil {
			return true
		}
	}
	return false
}
