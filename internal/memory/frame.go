package memory

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// frame is one function of a stack, as a tool writes it.
type frame struct {
	function string // empty where the tool knows no name
	file     string // of the source; empty where it is unknown
	line     int
	module   string // the file that the code was loaded from; empty where the tool does not write it
	address  string // that names the place in a module without symbols
	library  bool   // of an allocator, of the C library or of the library of a language
}

// place is where a program allocates. It is comparable.
type place struct {
	function, file string
	line           int
	module         string
	library        bool // all of the stack is of libraries
	nameless       bool // the module has no symbols
	named          bool // the function is a name that was asked for
}

// site finds the innermost frame of a stack that is neither an allocator's nor a language
// library's. Where there is none it is the module of the innermost frame.
func site(stack []frame) place {
	if above := beyondAllocator(stack); len(above) > 0 {
		stack = above
	}
	for _, f := range stack {
		if !f.library {
			return f.place()
		}
	}
	return within(stack)
}

// beyondAllocator leaves out of a stack what lies within the allocator of a Rust program, which may
// be the program's own: its entry, and all below that.
func beyondAllocator(stack []frame) []frame {
	for i := len(stack) - 1; i >= 0; i-- {
		if f := stack[i]; strings.HasSuffix(f.file, "library/alloc/src/alloc.rs") || rustEntry.MatchString(f.function) {
			return stack[i+1:]
		}
	}
	return stack
}

// rustEntry are the functions by which the libraries of Rust call a program's allocator.
var rustEntry = regexp.MustCompile(`\b__rust_(alloc|realloc|alloc_zeroed)$`)

// within is the place of a stack that is a library's from end to end, as when libstdc++ makes
// itself ready.
func within(stack []frame) place {
	for _, f := range stack {
		if f.module != "" && !preloaded.MatchString(path.Base(f.module)) {
			return place{function: path.Base(f.module), module: f.module, library: true}
		}
	}
	for _, f := range stack {
		if f.function != "" {
			return place{function: readable(f.function), file: f.file, line: f.line, module: f.module, library: true}
		}
	}
	return place{function: "unknown", library: true, nameless: true}
}

func (f frame) place() place {
	p := place{function: readable(f.function), file: f.file, line: f.line, module: f.module}
	if strings.HasPrefix(p.function, "{closure") && f.file != "" { // by that name there may be many
		p.function += " at " + path.Base(p.where())
	}
	if p.function == "" {
		p.function, p.nameless = path.Base(f.module)+f.address, true
	}
	return p
}

// ofCxx reports whether a place is libstdc++ making itself ready.
func (p place) ofCxx() bool { return p.library && strings.HasPrefix(p.function, "libstdc++.") }

// where is a place's file and line, or its module.
func (p place) where() string {
	switch {
	case p.file != "" && p.line > 0:
		return p.file + ":" + strconv.Itoa(p.line)
	case p.file != "":
		return p.file
	}
	return p.module
}

// judged returns the frame with what it is of. A frame without any name is a library's.
func (f frame) judged() frame {
	f.library = f.module != "" && libraries.MatchString(path.Base(f.module)) ||
		f.file != "" && librarySource.MatchString(f.file) || glibcSource(f.file) ||
		f.function != "" && libraryFunction(readable(f.function)) ||
		f.function == "" && f.module == ""
	return f
}

var (
	// preloaded are the modules that the tools themselves load.
	preloaded = regexp.MustCompile(`^(libheaptrack_(preload|inject)|vgpreload_)`)
	libraries = regexp.MustCompile(`^(lib(c|m|dl|rt|pthread|gcc_s|stdc\+\+|c\+\+|c\+\+abi|unwind)[.-]` +
		`|ld-(linux|musl|[0-9])|ld\.so|ld64\.so|linux-vdso|lib(jemalloc|tcmalloc|mimalloc|snmalloc|hoard)` +
		`|libheaptrack_(preload|inject)|vgpreload_)`)
	// librarySource are the headers of C++ libraries, and the sources of Rust's, with what these
	// are built on.
	librarySource = regexp.MustCompile(`(^|/)(include/c\+\+/|library/(alloc|core|std)/src/|rust/deps/)`)
)

// glibcSource reports whether a source is glibc's: Debian's debug information has them as
// string/./string/strdup.c and csu/../csu/libc-start.c.
func glibcSource(file string) bool {
	parts := strings.SplitN(file, "/", 4)
	if len(parts) < 4 {
		return false
	}
	return (parts[1] == "." || parts[1] == "..") && (parts[0] == parts[2] || parts[2] == "sysdeps")
}

// allocators are functions that hand out memory for whoever calls them.
var allocators = []string{
	"malloc", "calloc", "realloc", "reallocarray", "free", "cfree", "memalign", "posix_memalign", "aligned_alloc",
	"valloc", "pvalloc", "strdup", "strndup", "wcsdup", "asprintf", "vasprintf", "getline", "getdelim", "realpath",
	"je_malloc", "mi_malloc", "mi_calloc", "mi_realloc", "tc_malloc", "_start", "(below main)",
	"call_init", "__libc_start_main", "__libc_start_call_main", "__libc_start_main_impl",
}

// libraryPrefixes begin the names of functions of the libraries of C, C++ and Rust.
var libraryPrefixes = []string{
	"std::", "alloc::", "core::", "hashbrown::", "__gnu_cxx::", "operator new", "operator delete",
	"__rust_", "__rustc::", "__rdl_", "__rg_", "_IO_", "_dl_", "__GI_", "__interceptor_", "_rjem_", "_int_malloc", "_mi_",
}

// libraryFunction reports whether a readable name is one of a library.
func libraryFunction(name string) bool {
	if slices.Contains(allocators, name) {
		return true
	}
	owner := ownerOf(name)
	return slices.ContainsFunc(libraryPrefixes, func(p string) bool { return strings.HasPrefix(owner, p) })
}

// ownerOf returns whose a name is. Of Rust's <TYPE as TRAIT>::f it is the type, without what
// surrounds it as in &mut, and where that is a parameter, as T, the trait.
func ownerOf(name string) string {
	inner, found := strings.CutPrefix(name, "<")
	if !found {
		return name
	}
	trait := ""
	depth := 0
	for i := 0; i < len(inner); i++ {
		switch inner[i] {
		case '<', '(', '[':
			depth++
		case '>', ')', ']':
			if inner[i] == '>' && i > 0 && inner[i-1] == '-' { // the arrow of a function's type
				continue
			}
			depth--
		case ' ':
			if rest, is := strings.CutPrefix(inner[i:], " as "); is && depth == 0 {
				inner, trait = inner[:i], rest
			}
		}
		if depth < 0 {
			inner = inner[:i]
		}
	}
	inner = strings.TrimLeft(inner, "&*<([ ")
	for _, word := range []string{"mut ", "const ", "dyn ", "impl "} {
		inner = strings.TrimPrefix(inner, word)
	}
	if trait != "" && !strings.Contains(inner, "::") { // a parameter, or a type of the language itself
		return trait
	}
	return inner
}
