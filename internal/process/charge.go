package process

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Charge is what the kernel charges to the control group of a process, in bytes: what a container's
// limit is held against. It is of all processes of the group. What the kernel does not tell is 0.
type Charge struct {
	All       int64 // Anonymous, File and Kernel together, nearly: the kernel charges in batches
	Anonymous int64 // of no file: heap, stacks
	File      int64 // cached pages of files, those in use and those that are not
	Idle      int64 // of File: not used lately; "working set" is All less this
	Kernel    int64 // what the kernel itself needs for the processes: page tables, stacks, sockets
	Peak      int64 // the most of All
}

// ChargeOf reads the charge of a process's control group, of either version. It costs five small
// files. Of the root group, and without a memory controller, nothing is known.
func ChargeOf(pid int) (Charge, error) { return chargeIn("/", pid) }

// chargeIn reads below another root.
func chargeIn(root string, pid int) (Charge, error) {
	groups, err := os.ReadFile(filepath.Join(root, fmt.Sprintf("proc/%d/cgroup", pid)))
	if err != nil {
		return Charge{}, fmt.Errorf("control group of process %d: %w", pid, err)
	}
	for line := range strings.Lines(string(groups)) {
		id, rest, _ := strings.Cut(strings.TrimSpace(line), ":")
		controllers, path, _ := strings.Cut(rest, ":")
		// A path that leads out of the namespace cannot be seen from here.
		if strings.Contains(path, "..") {
			continue
		}
		switch {
		case id == "0" && controllers == "":
			if c, err := unified(filepath.Join(root, "sys/fs/cgroup", path)); err == nil {
				return c, nil
			}
		case controllers == "memory":
			return legacy(filepath.Join(root, "sys/fs/cgroup/memory", path))
		}
	}
	return Charge{}, fmt.Errorf("process %d has no control group with memory", pid)
}

// unified reads a group of version 2.
func unified(dir string) (Charge, error) {
	c := Charge{Peak: numberIn(dir, "memory.peak")} // since Linux 5.19
	stat, err := os.ReadFile(filepath.Join(dir, "memory.stat"))
	if err != nil {
		return Charge{}, err
	}
	if c.All = numberIn(dir, "memory.current"); c.All == 0 { // the root group has none
		return Charge{}, fmt.Errorf("%s: no charge", dir)
	}
	c.Anonymous, c.File, c.Idle = statOf(stat, "anon"), statOf(stat, "file"), statOf(stat, "inactive_file")
	c.Kernel = statOf(stat, "kernel") + statOf(stat, "sock") // kernel since Linux 5.18
	return c, nil
}

// legacy reads a group of version 1.
func legacy(dir string) (Charge, error) {
	stat, err := os.ReadFile(filepath.Join(dir, "memory.stat"))
	if err != nil {
		return Charge{}, err
	}
	return Charge{All: numberIn(dir, "memory.usage_in_bytes"), Peak: numberIn(dir, "memory.max_usage_in_bytes"),
		Anonymous: statOf(stat, "total_rss"), File: statOf(stat, "total_cache"), Idle: statOf(stat, "total_inactive_file"),
		Kernel: numberIn(dir, "memory.kmem.usage_in_bytes")}, nil
}

// numberIn reads a file that has one number; 0 where it is not there.
func numberIn(dir, name string) int64 {
	text, _ := os.ReadFile(filepath.Join(dir, name)) // an older kernel has no such file
	n, _ := strconv.ParseInt(string(bytes.TrimSpace(text)), 10, 64)
	return n
}

// statOf reads a line such as "anon 4096"; 0 where it is not there.
func statOf(stat []byte, name string) int64 {
	_, rest, found := bytes.Cut(append([]byte("\n"), stat...), []byte("\n"+name+" "))
	if !found {
		return 0
	}
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	n, _ := strconv.ParseInt(string(line), 10, 64)
	return n
}
