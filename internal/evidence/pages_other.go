//go:build !linux

package evidence

func unmapPages(string) {}
