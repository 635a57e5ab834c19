//go:build !unix

package load

import "net"

// Reserved is how many of the process's file descriptors the load leaves free.
const Reserved = 16

// Descriptors is not known here: 0.
func Descriptors() uint64 { return 0 }

func dialer() *net.Dialer { return new(net.Dialer) }
