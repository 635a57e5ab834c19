package overhead

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"brrtload/internal/diag"
)

// Source is a Go package that an arm's program is built from.
//
// Where the linker puts a function decides what it shares a cache line and a branch predictor's
// entry with, and two programs never have the same layout: the one with telemetry is faster or
// slower by that alone, in every start of the same file. An arm that is given as a package is
// therefore linked anew for every start, its functions in another random order (go tool link
// -randlayout), so that layout is part of what varies from start to start, in the interval and in
// the twin's.
type Source struct {
	Package string   `json:"package"`
	Flags   []string `json:"flags,omitempty"`
	Ldflags string   `json:"ldflags,omitempty"`
}

// ErrBuild says that an arm's program could not be built.
var ErrBuild = errors.New("cannot be built")

// String returns the source as a person would build it.
func (s Source) String() string {
	words := slices.Concat([]string{"go build"}, s.Flags)
	if s.Ldflags != "" {
		words = append(words, "-ldflags="+s.Ldflags)
	}
	return strings.Join(append(words, s.Package), " ")
}

// build makes the program at a path, with the layout that a seed gives; 0 is the linker's own.
func (s Source) build(ctx context.Context, path string, seed uint32) error {
	ldflags := s.Ldflags
	if seed != 0 {
		ldflags = strings.TrimSpace(fmt.Sprintf("%s -randlayout=%d", ldflags, seed))
	}
	args := slices.Concat([]string{"build", "-o", path}, s.Flags)
	if ldflags != "" {
		args = append(args, "-ldflags="+ldflags)
	}
	cmd := exec.CommandContext(ctx, "go", append(args, s.Package)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // an interrupt is brrtload's to hear
	out, err := cmd.CombinedOutput()
	if errors.Is(err, exec.ErrNotFound) {
		return fmt.Errorf("%s: %w: Go is not installed here; give the arm as a command", s, ErrBuild)
	} else if err != nil {
		return fmt.Errorf("%s: %w: %w\n%s", s, ErrBuild, err,
			strings.TrimSpace(diag.Printable(string(out[:min(len(out), maxComplaint)]))))
	}
	return nil
}

// maxComplaint bounds what is shown of a compiler's complaints, in bytes.
const maxComplaint = 4096

// built builds an arm's program with the linker's own layout into a directory that is removed
// again, and gives its hash: by it programs are distinguished.
func (s Source) built(ctx context.Context) (hash string, err error) {
	dir, err := os.MkdirTemp("", "brrtload-build")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "program")
	if err = s.build(ctx, path, 0); err == nil {
		hash, err = hashOf(path)
	}
	return hash, errors.Join(err, os.RemoveAll(dir))
}

// layout draws the seed of an arm's layout in a session: never 0, and another for each.
func layout(seed uint64, session, arm int) uint32 {
	dice := rand.New(rand.NewPCG(seed, uint64(session)<<8|uint64(arm)))
	return 1 + dice.Uint32N(1<<31-1)
}

// relink builds the programs of all arms that are Go packages, before any arm of the session
// starts, and keeps the seeds of their layouts.
func (x *experiment) relink(ctx context.Context) error {
	seeds, any := make([]uint32, len(x.record.Design.Arms)), false
	for i, a := range x.record.Design.Arms {
		if a.Command.Source == nil {
			continue
		}
		if x.stopped() {
			return errStopped
		}
		if !any {
			x.Say("building the arms with a new layout of their code")
		}
		seeds[i], any = layout(x.Seed, x.session, i), true
		if err := a.Command.Source.build(ctx, a.program(x.copies), seeds[i]); err != nil {
			return fmt.Errorf("arm %s: %w", a.Name, err)
		}
	}
	if any {
		x.record.Layouts = append(x.record.Layouts, seeds)
	}
	return nil
}

// layouts reports what was done about the layout of code.
func (r Record) layouts() string {
	if len(r.Layouts) == 0 {
		return ""
	}
	var names []string
	for i, a := range r.Design.Arms {
		if i < len(r.Layouts[0]) && r.Layouts[0][i] != 0 {
			names = append(names, a.Name)
		}
	}
	return fmt.Sprintf("the code of %s was laid out anew, by another seed, for each of %d starts",
		strings.Join(names, ", "), len(r.Layouts))
}
