//go:build !unix

package dial

import "net"

// Reserved is how many of the process's file descriptors the load leaves free.
const Reserved = 16

// Descriptors returns 0: the limit is not known here.
func Descriptors() uint64 { return 0 }

func dialer() *net.Dialer { return new(net.Dialer) }
