package published

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/datamix-go/datamix"
)

//go:embed data/*.json
var files embed.FS

const (
	folder    = "data/"
	extension = ".json"
)

// Names returns the names of the published mixtures, in alphabetical order.
func Names() []string {
	entries, err := files.ReadDir(strings.TrimSuffix(folder, "/"))
	if err != nil {
		panic("datamix/mix/published: " + err.Error()) // the folder is part of the program
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(e.Name(), extension)
	}
	return names
}

// Recipe returns a published mixture. Each call returns a value of its own,
// read afresh, which the caller may change. The error for a name that is not
// known wraps datamix.ErrUnknownName and lists those that are.
func Recipe(name string) (*Mixture, error) {
	data, err := files.ReadFile(folder + name + extension)
	if err != nil {
		return nil, fmt.Errorf("%w: published mixture %q; known are %s", datamix.ErrUnknownName, name, strings.Join(Names(), ", "))
	}
	return Parse(data, name)
}

// Parse reads a mixture from JSON, in the form of this package's own files, and
// checks it as Check does: so a mixture that is not published can be verified in
// the same way. Keys that no field has are errors. name is for messages.
func Parse(data []byte, name string) (*Mixture, error) {
	m := &Mixture{}
	if err := decodeStrict(data, m); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrMixture, name, err)
	}
	for i := range m.Components {
		for j, n := range m.Components[i].Values {
			if n == nil || j >= len(m.Columns) {
				continue
			}
			if n.Evidence == "" {
				n.Evidence = m.Columns[j].Evidence
			}
			if n.Step == 0 {
				n.Step = m.Columns[j].Step
			}
		}
	}
	if err := m.Check(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return m, nil
}

// decodeStrict decodes one JSON value and nothing behind it. Syntax errors name
// the byte.
func decodeStrict(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		if s, ok := errors.AsType[*json.SyntaxError](err); ok {
			return fmt.Errorf("byte %d: %w", s.Offset, err)
		}
		if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
			return fmt.Errorf("byte %d: it ends too early", len(data))
		}
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("byte %d: something follows the value", d.InputOffset())
	}
	return nil
}
