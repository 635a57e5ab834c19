package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"brrtload/internal/evidence"
)

// claimFile is made in a run directory by the one run that keeps itself there.
const claimFile = ".claimed"

// directory makes the run directory and claims it. It must be new or empty, and of this user: a run
// never mixes with another, and nobody else puts links there. There must be room for the evidence
// of a short run, so that a full disk is found before the load.
func (f *runFlags) directory(scenario string) (string, error) {
	dir := f.dir
	if dir == "" {
		dir = filepath.Join("runs", fmt.Sprintf("%s-%s", slug(scenario),
			time.Now().UTC().Format("20060102T150405.000Z")))
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", usage(fmt.Errorf("run directory %s: %w; name another with --dir", dir, err))
	}
	if info, err := os.Stat(dir); err != nil {
		return "", usage(fmt.Errorf("run directory: %w", err))
	} else if owner, ok := info.Sys().(*syscall.Stat_t); ok && int(owner.Uid) != os.Geteuid() {
		return "", usage(fmt.Errorf("run directory %s belongs to another user, who could put links there; name a new one inside it: --dir %s",
			dir, filepath.Join(dir, slug(scenario))))
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
		return "", usage(fmt.Errorf("run directory %s: %w; name another with --dir", dir, err))
	}
	if err = empty(dir); err == nil { // another run may have been quicker
		if err = evidence.Room(dir); err != nil {
			err = usage(fmt.Errorf("run directory: %w; make room, or name another with --dir", err))
		}
	}
	if err != nil {
		return "", errors.Join(err, release(dir))
	}
	return dir, nil
}

// empty returns an error when there is anything in a directory but the claim.
func empty(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return usage(fmt.Errorf("run directory: %w", err))
	}
	for _, entry := range entries {
		if entry.Name() != claimFile {
			return notEmpty(dir)
		}
	}
	return nil
}

func notEmpty(dir string) error {
	return usage(fmt.Errorf("run directory %s is not empty; name a new one with --dir", dir))
}

// release returns a claim up: there are other files now, or nothing was kept.
func release(dir string) error { return os.Remove(filepath.Join(dir, claimFile)) }
