package process

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Serving finds the process that listens at a TCP port: the one with the id, or one that it started, when it is only a wrapper around it, as a shell
// or nice(1). The error says when there is none, or more than one. It reads a small file a process of the machine, some milliseconds in all, and more of
// those that pid started.
func Serving(pid, port int) (int, error) {
	sockets := listening(pid, port)
	var serving []int
	for _, p := range family(pid) {
		if holds(p, sockets) {
			serving = append(serving, p)
		}
	}
	switch len(serving) {
	case 0:
		return 0, fmt.Errorf("neither process %d nor one that it started listens at port %d", pid, port)
	case 1:
		return serving[0], nil
	}
	return 0, fmt.Errorf("%d processes listen at port %d together: %s", len(serving), port, list(serving))
}

func list(pids []int) string {
	words := make([]string, len(pids))
	for i, pid := range pids {
		words[i] = strconv.Itoa(pid)
	}
	return strings.Join(words, ", ")
}

// States of TCP sockets in proc_pid_net(5).
const (
	established = "01"
	listens     = "0A"
)

// listening returns the sockets that listen at a port.
func listening(pid, port int) map[string]bool { return sockets(pid, port, listens) }

// sockets returns the links by which the sockets of a state at a local port appear among a process's files, as its network
// has them; see proc_pid_net(5).
func sockets(pid, port int, in string) map[string]bool {
	found := map[string]bool{}
	for _, table := range []string{"tcp", "tcp6"} {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/net/%s", pid, table)) // without IPv6 there is no tcp6
		for line := range bytes.Lines(text) {
			const local, state, inode = 1, 3, 9
			fields := strings.Fields(string(line))
			if len(fields) <= inode || fields[state] != in {
				continue
			}
			_, number, _ := strings.Cut(fields[local], ":")
			if n, err := strconv.ParseUint(number, 16, 16); err == nil && int(n) == port {
				found["socket:["+fields[inode]+"]"] = true
			}
		}
	}
	return found
}

// family lists a process and those that it started, and they, and so on; and those of its group, whose parent may be gone.
func family(pid int) []int {
	type relation struct{ pid, parent, group int }
	var all []relation
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has just ended
		}
		// The name is in parentheses and may have any in it: what counts comes after the last.
		fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
		if len(fields) < 3 {
			continue
		}
		var r relation
		r.pid, _ = strconv.Atoi(filepath.Base(filepath.Dir(path)))
		r.parent, _ = strconv.Atoi(fields[1])
		r.group, _ = strconv.Atoi(fields[2])
		all = append(all, r)
	}
	members, in := []int{pid}, map[int]bool{pid: true}
	for i := 0; i < len(members); i++ {
		for _, r := range all {
			if !in[r.pid] && (r.parent == members[i] || r.group == pid) {
				members, in[r.pid] = append(members, r.pid), true
			}
		}
	}
	return members
}

// holds tells whether one of the sockets is among the files of a process.
func holds(pid int, sockets map[string]bool) bool {
	files, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	for _, file := range files {
		if link, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%s", pid, file.Name())); err == nil && sockets[link] {
			return true
		}
	}
	return false
}
