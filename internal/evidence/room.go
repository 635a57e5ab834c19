package evidence

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// needed is how much room the evidence of a short run takes while it is saved: a segment, and as
// much again for all else.
const needed = 2 * segment

// Room returns an error when a directory's disk has less room than a short run needs, or the
// process may not write files of that size. Where that cannot be found out there is none.
func Room(dir string) error {
	var disk unix.Statfs_t
	if err := unix.Statfs(dir, &disk); err == nil {
		if free := uint64(disk.Bavail) * uint64(disk.Bsize); free < needed {
			return fmt.Errorf("%d KiB are free on the disk of %s, and a run needs %d KiB", free>>10, dir, needed>>10)
		}
	}
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_FSIZE, &limit); err == nil && limit.Cur < segment {
		return fmt.Errorf("a file may have %d KiB at most (ulimit -f), and a run needs %d KiB", uint64(limit.Cur)>>10,
			segment>>10)
	}
	return nil
}
