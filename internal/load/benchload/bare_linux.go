package main

import (
	"fmt"
	"net"
	"net/url"
	"runtime"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// bare is the least that a client can do that sends every hit when it is due and takes every answer
// when it comes: one thread, one system call to wait for both, one to write, one to read. It counts
// nothing and understands nothing. What it costs is what the waking costs on this machine.
func bare(target string, rate int, d time.Duration) error {
	runtime.LockOSThread()
	u, err := url.Parse(target)
	if err != nil {
		return err
	}
	poll, err := unix.EpollCreate1(0)
	if err != nil {
		return err
	}
	var free []int
	for range 64 {
		conn, err := net.Dial("tcp", u.Host)
		if err != nil {
			return err
		}
		file, err := conn.(*net.TCPConn).File()
		if err != nil {
			return err
		}
		conn.Close() //nolint:errcheck // the file stays
		fd := int(file.Fd())
		if err := unix.SetNonblock(fd, true); err != nil {
			return err
		}
		if err := unix.EpollCtl(poll, unix.EPOLL_CTL_ADD, fd,
			&unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)}); err != nil {
			return err
		}
		free = append(free, fd)
	}
	message := []byte("GET " + u.RequestURI() + " HTTP/1.1\r\nHost: " + u.Host + "\r\n\r\n")
	buffer := make([]byte, 64<<10)
	events := make([]unix.EpollEvent, 64)
	hits := int(float64(rate) * d.Seconds())
	start := time.Now()
	for sent, done := 0, 0; done < hits; {
		due := start.Add(time.Duration(sent) * time.Second / time.Duration(rate))
		for ; sent < hits && len(free) > 0 &&
			time.Until(due) <= 0; due = start.Add(time.Duration(sent) * time.Second / time.Duration(rate)) {
			last := len(free) - 1
			if _, err := call(unix.SYS_WRITE, free[last], message); err != 0 {
				return err
			}
			free, sent = free[:last], sent+1
		}
		wait := unix.NsecToTimespec(int64(max(time.Until(due), 0)))
		if sent == hits || len(free) == 0 {
			wait = unix.NsecToTimespec(int64(time.Second))
		}
		n, _, _ := syscall.RawSyscall6(
			unix.SYS_EPOLL_PWAIT2,
			uintptr(poll),
			uintptr(unsafe.Pointer(&events[0])),
			uintptr(len(events)),
			uintptr(unsafe.Pointer(&wait)),
			0,
			0,
		)
		for _, e := range events[:max(int(n), 0)] {
			if _, err := call(unix.SYS_READ, int(e.Fd), buffer); err != 0 {
				return err
			}
			free, done = append(free, int(e.Fd)), done+1
		}
	}
	fmt.Printf("%d hits\n", hits)
	return nil
}

func call(number uintptr, fd int, b []byte) (int, syscall.Errno) {
	n, _, err := syscall.RawSyscall(number, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
	return int(n), err
}
