package evidence

import (
	"path/filepath"

	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"
)

// dropPages takes the pages of the files in dir, an absolute path without links, out of this
// process's resident memory where it can. The mappings stay: what is read again comes from the
// system's page cache. Nothing may be unmapped meanwhile.
func dropPages(dir string) {
	self, err := procfs.Self()
	if err != nil {
		return // there is no /proc, and the pages stay until the system wants them
	}
	maps, err := self.ProcMaps()
	if err != nil {
		return
	}
	for _, m := range maps {
		if filepath.Dir(m.Pathname) == dir && m.Perms.Shared {
			_, _, _ = unix.Syscall(unix.SYS_MADVISE, m.StartAddr, m.EndAddr-m.StartAddr, unix.MADV_DONTNEED)
		}
	}
}
