//go:build !linux

package process

// CPUs is not supported here: nil, and no error.
func CPUs() ([]int, error) { return nil, nil }

// Pin is not supported here.
func Pin([]int) error { return errUnsupported }

func pinned(_ []int, f func() error) error { return f() }
