package sink

import (
	"fmt"
	"io/fs"
	"strings"

	"github.com/datamix-go/datamix"
)

// Attachment is a file that a Folder writes beside its shards and commits with
// them, such as a report in another form.
type Attachment struct {
	// Name is the file's name in the folder. README.md stands in for the card
	// that the folder would write itself.
	Name string
	// Render returns the file. It must be deterministic, or equal runs have
	// different folders.
	Render func(c Contents) ([]byte, error)
}

// Contents is what a folder holds when its attachments are rendered.
type Contents struct {
	// Manifest is the folder's.
	Manifest Manifest
	// Report is that of the run, nil where there was none.
	Report *datamix.Report
	// CardHeader is YAML for the front matter of README.md: the keys configs and
	// dataset_info, by which Hugging Face datasets loads the shards. A card that
	// has it is replaced by the next run on the folder.
	CardHeader []byte
}

// Attach adds files to the folder. It must be called before the first Write.
func (f *Folder) Attach(as ...Attachment) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.attached = append(f.attached, as...)
}

// attachedCard returns the README.md that was attached, nil without one.
func (f *Folder) attachedCard() *Attachment {
	for i := range f.attached {
		if f.attached[i].Name == cardName {
			return &f.attached[i]
		}
	}
	return nil
}

// checkAttached refuses names that are no plain file names or are taken.
func (f *Folder) checkAttached() error {
	taken := map[string]bool{ManifestName: true, reportJSON: true, reportText: true, QuarantineName: true}
	for _, a := range f.attached {
		plain := fs.ValidPath(a.Name) && !strings.ContainsAny(a.Name, `/\`) && a.Name[0] != '.'
		if !plain || taken[a.Name] || f.owns(a.Name) || a.Render == nil {
			return fmt.Errorf("sink: a file %q cannot be attached: it has no renderer, or the name is taken or no plain file name", a.Name)
		}
		taken[a.Name] = true
	}
	return nil
}
