package memory

import (
	"cmp"
	"debug/elf"
	"path/filepath"
	"slices"

	"github.com/google/pprof/profile"
)

// modules finds the names of functions in programs and libraries on this machine.
type modules struct{ read map[string]*module }

func newModules() *modules { return &modules{map[string]*module{}} }

// module is an ELF file: where it is loaded, and its functions by address.
type module struct {
	segments  []elf.ProgHeader
	functions []elf.Symbol
}

// openModule reads a file's functions; one that cannot be read has none.
func openModule(name string) *module {
	m := &module{}
	if !filepath.IsAbs(name) {
		return m
	}
	file, err := elf.Open(name)
	if err != nil {
		return m
	}
	defer file.Close()
	for _, p := range file.Progs {
		if p.Type == elf.PT_LOAD {
			m.segments = append(m.segments, p.ProgHeader)
		}
	}
	symbols, err := file.Symbols()
	if err != nil { // stripped: what it exports is left
		symbols, _ = file.DynamicSymbols()
	}
	for _, s := range symbols {
		if elf.ST_TYPE(s.Info) == elf.STT_FUNC && s.Value > 0 {
			m.functions = append(m.functions, s)
		}
	}
	slices.SortFunc(m.functions, func(a, b elf.Symbol) int { return cmp.Compare(a.Value, b.Value) })
	return m
}

// function returns the name of what lies at an offset of the file; empty when that is unknown.
func (m *module) function(offset uint64) string {
	for _, p := range m.segments {
		if offset < p.Off || offset-p.Off >= p.Filesz {
			continue
		}
		at := offset - p.Off + p.Vaddr
		i, exact := slices.BinarySearchFunc(m.functions, at, func(s elf.Symbol, at uint64) int { return cmp.Compare(s.Value, at) })
		if !exact {
			i--
		}
		if i >= 0 && at-m.functions[i].Value < max(1, m.functions[i].Size) {
			return m.functions[i].Name
		}
	}
	return ""
}

// name gives functions to the addresses of a profile that has none.
func (h *heap) name(from *modules) {
	for _, l := range h.Location {
		if len(l.Line) > 0 || l.Mapping == nil || l.Mapping.File == "" {
			continue
		}
		if from.read[l.Mapping.File] == nil {
			from.read[l.Mapping.File] = openModule(l.Mapping.File)
		}
		if name := from.read[l.Mapping.File].function(l.Address - l.Mapping.Start + l.Mapping.Offset); name != "" {
			l.Line = []profile.Line{{Function: &profile.Function{Name: name}}}
		}
	}
}
