package stacks

import (
	"bytes"
	"debug/buildinfo"
	"io"
	"os"
	"regexp"
	"strings"
)

// maxProgram is how much of a program is searched for what it was built on, in bytes.
const maxProgram = 256 << 20

// goStacks is why a Go program's stacks are not seen.
const goStacks = "it is a Go program: goroutine stacks lie in the heap and move, so no mapping is one; " +
	"use what the service itself measures"

// java is the name of what a program that has mapped libjvm is built on.
const java = "Java"

// crates are Rust crates that tell a program's runtime, those that rest on another one first. A
// panic carries the path of its source file, "…/may-0.3.51/src/…", even in a stripped program.
var crates = []string{"may", "tokio", "corosensei", "generator"}

// built tells on what the program in a file was built: the name of a runtime, with its version, or
// nothing. isGo reports that it is a Go program.
func built(path string) (runtime string, isGo bool) {
	if info, err := buildinfo.ReadFile(path); err == nil {
		return info.GoVersion, true
	}
	file, err := os.Open(path)
	if err != nil {
		return "", false
	}
	defer file.Close() //nolint:errcheck // it was only read
	return crateOf(io.LimitReader(file, maxProgram)), false
}

// crateOf reads all of a program and returns the first of the crates that it was built with, with
// its version.
func crateOf(program io.Reader) string {
	found := map[string]string{}
	const overlap = 64
	buffer := make([]byte, 1<<20)
	kept := 0
	for {
		n, err := io.ReadFull(program, buffer[kept:])
		text := buffer[:kept+n]
		for _, name := range crates {
			if found[name] == "" {
				found[name] = versionIn(text, name)
			}
		}
		if err != nil {
			break
		}
		kept = copy(buffer, text[len(text)-overlap:])
	}
	for _, name := range crates {
		if found[name] != "" {
			return name + " " + found[name]
		}
	}
	return ""
}

var version = regexp.MustCompile(`^\d+\.\d+\.\d+$`)

// versionIn returns the version of a crate whose sources a text names.
func versionIn(text []byte, name string) string {
	for {
		_, rest, found := bytes.Cut(text, []byte("/"+name+"-"))
		if !found {
			return ""
		}
		if number, _, _ := bytes.Cut(rest[:min(len(rest), 24)], []byte("/src/")); version.Match(number) {
			return string(number)
		}
		text = rest
	}
}

// alike returns how many stacks of a size a runtime must have for them to be coroutines': one where
// it is known to have some, none where it has threads alone, and two where nothing is known of it,
// for a single mapping above a guard may be anything.
func alike(runtime string) int {
	switch name, _, _ := strings.Cut(runtime, " "); name {
	case "may", "generator", "corosensei":
		return 1
	case "tokio", java:
		return 0
	}
	return 2
}
