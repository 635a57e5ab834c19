package process

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Serving finds the process that listens at a TCP port: the one with the id, or one that it
// started, when it is only a wrapper around it, as a shell or nice(1). The error says when there is
// none ([ErrStranger]), or more than one. It reads a small file a process of the machine, some
// milliseconds in all, and more of those that pid started.
func Serving(pid, port int) (int, error) {
	return serving(pid, listening(pid, port), fmt.Sprintf("port %d", port))
}

// ServingUnix finds the process that listens at a Unix socket, as [Serving] does.
func ServingUnix(pid int, path string) (int, error) {
	return serving(pid, listeningUnix(pid, path), path)
}

func serving(pid int, at links, place string) (int, error) {
	var serving []int
	for _, p := range family(pid) {
		if mayHold(p, at) {
			serving = append(serving, p)
		}
	}
	switch len(serving) {
	case 0:
		return 0, fmt.Errorf("neither process %d nor one that it started %w at %s", pid, ErrStranger, place)
	case 1:
		return serving[0], nil
	}
	return 0, fmt.Errorf("%d processes listen at %s together: %s", len(serving), place, list(serving))
}

// Peers lists the processes that pid started, itself among them, that listen at any TCP port.
func Peers(pid int) []int {
	any := listening(pid, 0)
	return slices.DeleteFunc(family(pid), func(p int) bool { return !mayHold(p, any) })
}

// Family lists a process and those that it started, and they, and so on. It reads a small file a
// process of the machine, some milliseconds in all.
func Family(pid int) []int { return family(pid) }

// Listeners lists the processes of this machine that listen at a TCP port. Those of another user
// cannot be seen but by root.
func Listeners(port int) []int {
	at := listening(os.Getpid(), port)
	return slices.DeleteFunc(everybody(), func(p int) bool { return !holds(p, at) })
}

// Name returns the short name of a process, without its arguments, and nothing when it has ended.
func Name(pid int) string {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	return strings.TrimSpace(string(text))
}

// Started returns when a process began, to a hundredth of a second.
func Started(pid int) (time.Time, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return time.Time{}, fmt.Errorf("start of process %d: %w", pid, err)
	}
	machine, err := os.ReadFile("/proc/stat")
	if err != nil {
		return time.Time{}, fmt.Errorf("start of this machine: %w", err)
	}
	const ticks, since = 100, 19 // a second; the field, counted from the one after the name
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) <= since {
		return time.Time{}, fmt.Errorf("start of process %d: %q", pid, text)
	}
	after, _ := strconv.ParseInt(fields[since], 10, 64)
	return time.Unix(figure(machine, "\nbtime"), 0).Add(time.Duration(after) * time.Second / ticks), nil
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

// links are sockets by the links by which they appear among a process's files, each with the user
// that opened it, or -1.
type links map[string]int

func (l links) add(inode, user string) {
	uid, err := strconv.Atoi(user)
	if err != nil {
		uid = -1
	}
	l["socket:["+inode+"]"] = uid
}

// listening returns the sockets that listen at a port, or at any when it is 0.
func listening(pid, port int) links { return sockets(pid, port)[listens] }

// sockets returns the sockets at a local port by their states, as a process's network has them; see
// proc_pid_net(5). The kernel takes some milliseconds to list them, however few there are.
func sockets(pid, port int) map[string]links {
	found := map[string]links{listens: {}, established: {}}
	for _, table := range []string{"tcp", "tcp6"} {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/net/%s", pid, table)) // without IPv6 there is no tcp6
		for line := range bytes.Lines(text) {
			const local, state, user, inode = 1, 3, 7, 9
			fields := strings.Fields(string(line))
			if len(fields) <= inode || found[fields[state]] == nil {
				continue
			}
			_, number, _ := strings.Cut(fields[local], ":")
			if n, err := strconv.ParseUint(number, 16, 16); err == nil && (port == 0 || int(n) == port) {
				found[fields[state]].add(fields[inode], fields[user])
			}
		}
	}
	return found
}

// listeningUnix returns the sockets that listen at a path, which is the rest of its line, blanks
// and all. Their users are not known.
func listeningUnix(pid int, path string) links {
	found := links{}
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/net/unix", pid))
	for line := range bytes.Lines(text) {
		const flags, inode = 3, 6
		fields, name := columns(strings.TrimSuffix(string(line), "\n"), inode+1)
		// SO_ACCEPTCON
		if len(fields) > inode && fields[flags] == "00010000" && filepath.Base(name) == filepath.Base(path) {
			found.add(fields[inode], "-1")
		}
	}
	return found
}

// columns returns the first n columns of a line and, as it is, what follows the blank after them.
func columns(line string, n int) (fields []string, rest string) {
	for len(fields) < n && line != "" {
		field, after, _ := strings.Cut(strings.TrimLeft(line, " "), " ")
		fields, line = append(fields, field), after
	}
	return fields, line
}

// family lists a process and those that it started, and they, and so on; and those whose parent is
// gone: of its group, or come to its supervisor. Zombies are left out.
func family(pid int) []int {
	supervisor, supervised := supervisors.Load(pid)
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
		if len(fields) < 3 || fields[0] == "Z" {
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
			if !in[r.pid] && (r.parent == members[i] || r.group == pid || supervised && r.parent == supervisor) {
				members, in[r.pid] = append(members, r.pid), true
			}
		}
	}
	return members
}

// mayHold reports whether one of the sockets is among the files of a process that we started. Where
// its files may not be read, as under sudo(8), the user that opened the socket decides.
func mayHold(pid int, at links) bool {
	if holds(pid, at) {
		return true
	}
	if _, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid)); !errors.Is(err, fs.ErrPermission) {
		return false
	}
	info, err := os.Stat(fmt.Sprintf("/proc/%d", pid))
	if err != nil {
		return false
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	return ok && slices.Contains(slices.Collect(maps.Values(at)), int(owner.Uid))
}

// holds reports whether one of the sockets is among the files of a process.
func holds(pid int, at links) bool {
	files, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	for _, file := range files {
		link, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%s", pid, file.Name()))
		if _, is := at[link]; err == nil && is {
			return true
		}
	}
	return false
}
