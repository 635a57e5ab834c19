package kept

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"brrtload/internal/diag"
	"brrtload/internal/evidence"
	"brrtload/internal/suite"
)

// claimFile is made in a run directory by the one run that keeps itself there.
const claimFile = ".claimed"

// Claim makes a run directory and claims it; an empty name is for one that is named after the
// scenario and the time. It must be new or empty, and of this user: a run never mixes with another,
// and no other user can put links there. There must be room for the evidence of a short run, so that a
// full disk is found before the load. The error is a [diag.Mistake]. Of many that claim one
// directory at once one succeeds.
func Claim(dir, scenario string) (string, error) {
	if dir == "" {
		dir = filepath.Join("runs", fmt.Sprintf("%s-%s", Slug(scenario),
			time.Now().UTC().Format("20060102T150405.000Z")))
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", diag.Mistakef("run directory %s: %w; name another with --dir", dir, err)
	}
	if info, err := os.Stat(dir); err != nil {
		return "", diag.Mistakef("run directory: %w", err)
	} else if owner, ok := info.Sys().(*syscall.Stat_t); ok && int(owner.Uid) != os.Geteuid() {
		return "", diag.Mistakef("run directory %s belongs to another user, who could put links there; name a new one inside it: --dir %s",
			dir, filepath.Join(dir, Slug(scenario)))
	}
	if err := empty(dir); err != nil {
		return "", err
	}
	claim, err := os.OpenFile(filepath.Join(dir, claimFile), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return "", notEmpty(dir)
	}
	if err == nil {
		err = claim.Close()
	}
	if err != nil {
		return "", diag.Mistakef("run directory %s: %w; name another with --dir", dir, err)
	}
	if err = empty(dir); err == nil { // another run may have been quicker
		if err = evidence.Room(dir); err != nil {
			err = diag.Mistakef("run directory: %w; make room, or name another with --dir", err)
		}
	}
	if err != nil {
		return "", errors.Join(err, Release(dir))
	}
	return dir, nil
}

// empty returns an error when there is anything in a directory but the claim.
func empty(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return diag.Mistakef("run directory: %w", err)
	}
	for _, entry := range entries {
		if entry.Name() != claimFile {
			return notEmpty(dir)
		}
	}
	return nil
}

func notEmpty(dir string) error {
	return diag.Mistakef("run directory %s is not empty; name a new one with --dir", dir)
}

// Release gives a claim up: there are other files now, or nothing was kept.
func Release(dir string) error { return os.Remove(filepath.Join(dir, claimFile)) }

// Slug makes a name fit for a file's.
func Slug(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_':
			return r
		}
		return '-'
	}, name)
}

// Make claims a run directory, as [Claim] does, and keeps a suite in it.
func Make(dir string, s *suite.Suite) (string, error) {
	dir, err := Claim(dir, s.Scenario.Name)
	if err != nil {
		return "", err
	}
	if err := s.Keep(dir); err != nil {
		return "", diag.Mistakef("run directory: %w; make room, or name another with --dir", err)
	}
	if err := Release(dir); err != nil {
		return "", diag.Mistakef("run directory: %w", err)
	}
	return dir, nil
}
