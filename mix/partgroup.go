package mix

// groupOf returns the path of the innermost group that a part is in, "" where
// it is in none.
func (p *Plan) groupOf(part int) (name string) {
	for _, g := range p.Groups { // a group stands before those that it holds
		if g.From <= part && part < g.To {
			name = g.Name
		}
	}
	return name
}
