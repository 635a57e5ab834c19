package kept

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/internal/diag"
)

func TestOneRunOfManyClaimsADirectory(t *testing.T) {
	for range 20 {
		dir := filepath.Join(t.TempDir(), "run")
		var claimed atomic.Int32
		var beginning sync.WaitGroup
		for range 16 {
			beginning.Go(func() {
				if _, err := Claim(dir, "s"); err == nil {
					claimed.Add(1)
				} else if !errors.As(err, new(diag.Mistake)) {
					t.Errorf("no mistake of the user: %v", err)
				}
			})
		}
		beginning.Wait()
		require.EqualValues(t, 1, claimed.Load())
	}
}

func TestADirectoryOfAnotherUserIsRefused(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a directory away")
	}
	dir := t.TempDir()
	require.NoError(t, os.Chown(dir, 65534, 65534))
	_, err := Claim(dir, "s")
	require.ErrorAs(t, err, new(diag.Mistake))
	require.ErrorContains(t, err, "belongs to another user")
	inside, err := Claim(filepath.Join(dir, "s"), "s")
	require.NoError(t, err)
	require.DirExists(t, inside)
}
