package contract

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"

	"brrtload/internal/diag"
	"brrtload/internal/facts"
)

const heading = `# Every scrape is held to this. Make it tighter by hand: a pattern for a list, a lower bound on series, help texts left out where they may change.
`

// Update returns the text of a contract for what was exposed. A contract in the file of that name
// keeps what was tightened in it by hand, and its comments; an empty name, or one of no file, is
// for a new contract. The error is a [diag.List] or a [diag.Mistake].
func Update(fsys fs.FS, name string, families []facts.Family) ([]byte, error) {
	var old *Contract
	older, err := fs.ReadFile(fsys, name)
	switch {
	case name == "" || errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, diag.Mistake{Err: fmt.Errorf("read contract: %w", err)}
	default:
		if old, err = Load(fsys, name); err != nil {
			return nil, err
		}
	}
	var text bytes.Buffer
	if err := Generate(families, old).Write(&text); err != nil {
		return nil, err
	}
	if old != nil {
		return WithComments(text.Bytes(), older)
	}
	return append([]byte(heading), text.Bytes()...), nil
}
