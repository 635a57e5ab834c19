package ci

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/internal/tier"
)

// instructions reads a Dockerfile: one instruction a line, without comments.
func instructions(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("container/Dockerfile")
	require.NoError(t, err)
	var out []string
	for row := range strings.Lines(strings.ReplaceAll(string(text), "\\\n", " ")) {
		if row = strings.TrimSpace(row); row != "" && !strings.HasPrefix(row, "#") {
			out = append(out, row)
		}
	}
	return out
}

func TestImageIsFromScratchAndNotRoot(t *testing.T) {
	var last []string
	for _, row := range instructions(t) {
		if strings.HasPrefix(row, "FROM ") {
			last = nil
		}
		last = append(last, row)
	}
	require.Equal(t, "FROM scratch", last[0])
	require.Contains(t, last, "USER 65532:65532")
	require.Contains(t, last, `ENTRYPOINT ["/usr/local/bin/brrtload"]`)
	for _, row := range last {
		require.NotRegexp(t, `^RUN `, row, "there is nothing to run with in an empty image")
	}
}

func TestWhatTheImageRunsIsStatic(t *testing.T) {
	tier.Long(t)
	build := regexp.MustCompile(`^RUN (CGO_ENABLED=0 go build .*) -o /out/ (\S+) (\S+)$`)
	for _, row := range instructions(t) {
		match := build.FindStringSubmatch(row)
		if match == nil {
			continue
		}
		for _, source := range match[2:] {
			require.DirExists(t, filepath.Join("..", source))
		}
		// The smaller of the two, built with the same line.
		out := t.TempDir()
		command := exec.Command("sh", "-c", match[1]+" -o "+out+"/ ./targetsvc")
		command.Dir = ".."
		said, err := command.CombinedOutput()
		require.NoError(t, err, string(said))
		program, err := elf.Open(filepath.Join(out, "targetsvc"))
		require.NoError(t, err)
		defer program.Close()
		for _, segment := range program.Progs {
			require.NotEqual(t, elf.PT_INTERP, segment.Type, "it asks for a dynamic linker")
		}
		return
	}
	t.Fatal("no instruction builds the programs")
}
