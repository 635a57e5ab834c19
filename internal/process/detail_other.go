//go:build !linux

package process

import "time"

// Detail is what takes longer to read than [Usage]: memory in bytes, the switches of context of the
// threads now alive.
type Detail struct {
	Resident int64
	Share    int64         // proportional set size: pages shared with others count in part
	Switches int64         // voluntary and not
	Waited   time.Duration // that they were ready to run and no CPU was free
}

// DetailOf is not supported here.
func DetailOf(int) (Detail, error) { return Detail{}, errUnsupported }
