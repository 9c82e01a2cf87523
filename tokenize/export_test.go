package tokenize

// Forget drops the pooled workers, and with them what they have cached.
func (t *Tokenizer) Forget() { t.engine.workers = newWorkers() }
