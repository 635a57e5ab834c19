package memory

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
)

// heaptrackHead is a file with a string, an instruction, a stack and a kind of allocation, to line 6.
const heaptrackHead = "v 10400 3\nX ./service\ns 1 f\ni 10 0 1\nt 1 0\na 40 1\n"

func TestBrokenHeaptrackFiles(t *testing.T) {
	for name, of := range map[string]struct{ text, want string }{
		"empty":                   {"", "heaptrack.1: empty file; let the process end by itself"},
		"another file":            {"desc: x\n", `heaptrack.1:1: want a line "v VERSION FORMAT" first; this is no file of heaptrack`},
		"no version":              {"v\n", "heaptrack.1:1: want 2 hexadecimal numbers"},
		"a format of the future":  {"v 20000 4\n", "heaptrack.1:1: format 4 of heaptrack 20000; this program reads 1 to 3"},
		"a format of before":      {"v 10000 0\n", "heaptrack.1:1: format 0"},
		"raw data":                {"v 10400 3\nx 3 /sh\n", "heaptrack.1:2: raw data of heaptrack; run `heaptrack_interpret"},
		"two files":               {heaptrackHead + heaptrackHead, `heaptrack.1:7: a second line "v"`},
		"a string too long":       {"v 10400 3\ns 5 abc\n", "heaptrack.1:2: a string of 5 bytes in a line that has 3"},
		"a string without size":   {"v 10400 3\ns xyz\n", "heaptrack.1:2: want 1 hexadecimal numbers"},
		"a string that is none":   {"v 10400 3\ni 10 0 1\n", "heaptrack.1:2: string 1 or 0 of 0"},
		"a module that is none":   {"v 10400 3\ni 10 7\n", "heaptrack.1:2: string 7 of 0"},
		"half a frame":            {heaptrackHead + "i 10 0 1 1\n", "heaptrack.1:7: want 2 hexadecimal numbers"},
		"an ip that is none":      {heaptrackHead + "t 2 0\n", "heaptrack.1:7: instruction 2 of 1, or stack 0 of 1"},
		"a stack in itself":       {heaptrackHead + "t 1 2\n", "heaptrack.1:7: instruction 1 of 1, or stack 2 of 1"},
		"a stack that is none":    {heaptrackHead + "a 1 2\n", "heaptrack.1:7: an allocation of 1 bytes by stack 2 of 1"},
		"a huge allocation":       {heaptrackHead + "a 1000000000000 1\n", "heaptrack.1:7: an allocation of 281474976710656 bytes"},
		"a number of 64 bits":     {heaptrackHead + "a ffffffffffffffff 1\n", "heaptrack.1:7: want 2 hexadecimal numbers below 2^63"},
		"an allocation of none":   {heaptrackHead + "+ 1\n", "heaptrack.1:7: allocation 1 of 1"},
		"no number":               {heaptrackHead + "+\n", "heaptrack.1:7: want 1 hexadecimal numbers"},
		"a number that is none":   {heaptrackHead + "+ -1\n", "heaptrack.1:7: want 1 hexadecimal numbers"},
		"more freed than had":     {heaptrackHead + "+ 0\n- 0\n- 0\n", "heaptrack.1:9: more is freed than was allocated"},
		"time that runs back":     {heaptrackHead + "c 5\nc 4\n", "heaptrack.1:8: time 4 ms after 5ms"},
		"a time of centuries":     {heaptrackHead + "c ffffffffffff\n", "heaptrack.1:7: time 281474976710655 ms after 0s"},
		"a line without end":      {heaptrackHead + "s " + strings.Repeat("0", maxLine), "heaptrack.1:7: a line of more than 1048576 bytes"},
		"inlined without end":     {heaptrackHead + "i 1 0" + strings.Repeat(" 1 1 1", 600) + "\n", "heaptrack.1:7: more than 512 functions"},
		"cut in its first line":   {"v 104", "heaptrack.1:1: the file is cut off in its first line"},
		"more bytes than int64":   {heaptrackHead + "a 800000000000 1\n" + strings.Repeat("+ 1\n", 40000), "heaptrack.1:32776: more than 2^62 bytes allocated"},
		"a version that is a lie": {"v 10400 3 \x1b[31m\ns \x1b\n", "heaptrack.1:2: want 1 hexadecimal numbers"},
	} {
		_, _, err := readHeaptrack("heaptrack.1", strings.NewReader(of.text))
		require.ErrorContains(t, err, of.want, name)
	}
}

func TestBrokenDHATFiles(t *testing.T) {
	head := `{"dhatFileVersion":2,"mode":"heap","bklt":true` + "\n"
	for name, of := range map[string]struct{ text, want string }{
		"empty":                  {"", "dhat.1:1: empty file: the process was killed"},
		"another file":           {"desc: x", "dhat.1:1: invalid character 'd' looking for beginning of value; this is no file of DHAT"},
		"another JSON":           {"{}", "dhat.1:1: no dhatFileVersion; this is no file of DHAT"},
		"a list":                 {"[]", "dhat.1:1: json: cannot unmarshal array"},
		"cut off":                {head + `,"pps":[{"tb":1`, "dhat.1:2: unexpected end of JSON input; the file is cut off"},
		"a version of before":    {`{"dhatFileVersion":1}`, "dhat.1:1: dhatFileVersion 1; this program reads 2"},
		"another mode":           {`{"dhatFileVersion":2,"mode":"ad-hoc"}`, `dhat.1: mode "ad-hoc"; want "heap"`},
		"no lifetimes":           {`{"dhatFileVersion":2,"mode":"heap"}`, "dhat.1: bklt is false"},
		"a number out of range":  {head + `,"pps":[{"tb":99999999999999999999}]}`, "dhat.1:2: json: cannot unmarshal number 99999999999999999999"},
		"a number that is text":  {head + "\n" + `,"te":"x"}`, "dhat.1:3: json: cannot unmarshal string"},
		"a negative number":      {head + `,"pps":[{"tb":-1,"tbk":1}]}`, "dhat.1: pps[0]: -1 bytes in 1 blocks"},
		"more left than there":   {head + `,"pps":[{"tb":1,"tbk":1,"ebk":2}]}`, "dhat.1: pps[0]: 1 bytes in 1 blocks, 0 in 2 at the end: impossible"},
		"more live than there":   {head + `,"pps":[{"tb":1,"tbk":1,"eb":2}]}`, "dhat.1: pps[0]: 1 bytes in 1 blocks, 2 in 0 at the end: impossible"},
		"a frame that is none":   {head + `,"pps":[{"tb":1,"tbk":1},{"fs":[1]}],"ftbl":["[root]"]}`, "dhat.1: pps[1]: frame 1 of 1"},
		"a frame below none":     {head + `,"pps":[{"fs":[-1]}],"ftbl":["[root]"]}`, "dhat.1: pps[0]: frame -1 of 1"},
		"more bytes than 2^62":   {head + `,"pps":[{"tb":4611686018427387904},{"tb":4611686018427387904}]}`, "dhat.1: pps[1]: 4611686018427387904 bytes"},
		"more blocks than bytes": {head + `,"pps":[{"tbk":9223372036854775807}]}`, "dhat.1: pps[0]: 0 bytes in 9223372036854775807"},
	} {
		_, err := readDHAT("dhat.1", strings.NewReader(of.text), newTallies())
		require.ErrorContains(t, err, of.want, name)
	}
}

// massifHead is the beginning of a file of massif, to line 7: a snapshot whose tree is to follow.
const massifHead = "desc: x\ncmd: ./x\ntime_unit: ms\nsnapshot=0\ntime=5\nmem_heap_B=100\nheap_tree=detailed\n"

func TestBrokenMassifFiles(t *testing.T) {
	for name, of := range map[string]struct{ text, want string }{
		"empty":                {"", "massif.1:1: no snapshot; the process was killed"},
		"another file":         {"{}\n", `massif.1:1: want a line "desc: …" first`},
		"another unit":         {"desc: x\ncmd: x\ntime_unit: i\n", `massif.1:3: time unit "i"; run massif with --time-unit=ms`},
		"no unit":              {"desc: x\nsnapshot=0\n", `massif.1:2: no line "time_unit: ms" before`},
		"an unknown line":      {"desc: x\ntime_unit: ms\nsnapshot=0\nfoo=1\n", `massif.1:4: unknown line "foo=1"`},
		"control characters":   {"desc: x\ntime_unit: ms\n\x1b[31m\n", "massif.1:3: unknown line \"\uFFFD[31m\""},
		"a negative number":    {"desc: x\ntime_unit: ms\nsnapshot=0\nmem_heap_B=-1\n", `massif.1:4: mem_heap_B "-1"`},
		"a number too large":   {"desc: x\ntime_unit: ms\nsnapshot=0\nmem_heap_B=99999999999999999999\n", `massif.1:4: mem_heap_B "99999999999999999999"`},
		"time that runs back":  {"desc: x\ntime_unit: ms\nsnapshot=0\ntime=5\ntime=4\n", `massif.1:5: time "4"`},
		"a tree without bytes": {"desc: x\ntime_unit: ms\nsnapshot=0\ntime=5\nheap_tree=detailed\n", "massif.1:5: a heap_tree before mem_heap_B"},
		"a tree that is none":  {massifHead + "n0 100 x\n", `massif.1:8: line of a tree "n0 100 x"`},
		"a tree of another":    {massifHead + "n0: 99 x\n", "massif.1:8: a tree of 99 bytes in a snapshot of 100"},
		"a child too large":    {massifHead + "n1: 100 x\n n0: 101 0x1: f (f.c:1)\n", "massif.1:9: 101 bytes below a line of 100"},
		"children too large":   {massifHead + "n2: 100 x\n n0: 60 0x1: f (f.c:1)\n n0: 60 0x2: g (f.c:2)\n", "massif.1:10: 60 bytes below a line of 100"},
		"a child too deep":     {massifHead + "n1: 100 x\n  n0: 1 0x1: f (f.c:1)\n", `want "nCHILDREN: BYTES FUNCTION" with 1 blanks`},
		"fewer children":       {massifHead + "n2: 100 x\n n0: 1 0x1: f (f.c:1)\nsnapshot=1\n", `massif.1:10: line of a tree "snapshot=1"`},
		"negative children":    {massifHead + "n-1: 100 x\n", `massif.1:8: line of a tree "n-1: 100 x"`},
		"no snapshot":          {"desc: x\ncmd: x\ntime_unit: ms\n", "massif.1:4: no snapshot"},
	} {
		_, _, err := readMassif("massif.1", strings.NewReader(of.text))
		require.ErrorContains(t, err, of.want, name)
	}
	deep := strings.Builder{}
	for depth := range 600 {
		deep.WriteString(strings.Repeat(" ", depth) + "n1: 100 0x1: std::f (f.c:1)\n")
	}
	_, _, err := readMassif("massif.1", strings.NewReader(massifHead+deep.String()))
	require.ErrorContains(t, err, "massif.1:521: more than 512 functions deep")
}

// A file that is cut off anywhere is read as far as it goes, or its beginning is missed.
func TestFilesThatAreCutOff(t *testing.T) {
	for _, of := range []struct {
		tool Tool
		path string
		name string
	}{
		{Heaptrack, "testdata/service/heaptrack.1.zst", "heaptrack.1.zst"},
		{Massif, "testdata/service/massif.1.gz", "massif.1.gz"},
		{DHAT, "testdata/service/dhat.1", "dhat.1"},
	} {
		whole, err := os.ReadFile(of.path)
		require.NoError(t, err)
		readAny := false
		for size := 0; size < len(whole)-1; size += 37 {
			dir := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(dir, of.name), whole[:size], 0o644))
			p, err := Read(of.tool, dir)
			if err != nil {
				require.ErrorContains(t, err, of.name)
				require.Regexp(t, `let (the process|it) end by itself|record it again`, err.Error())
				continue
			}
			readAny = true
			requireSound(t, p)
			require.Regexp(t, "ends before the process did|is cut off", strings.Join(p.Unseen, "\n"), "%d bytes of %s", size, of.path)
		}
		require.Equal(t, of.tool == Massif, readAny, "%s", of.path) // the others are too small for a second block
	}
}

// A compressed file of some size is read to its last whole block.
func TestACompressedFileThatIsCutOff(t *testing.T) {
	var small bytes.Buffer
	w, err := zstd.NewWriter(&small)
	require.NoError(t, err)
	text := []byte(heaptrackHead)
	for n := range 200_000 {
		text = append(text, "+ 0\n- 0\nc "+strconv.FormatInt(int64(n), 16)+"\n"...)
	}
	_, err = w.Write(text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "heaptrack.1.zst"), small.Bytes()[:small.Len()/2], 0o644))
	p, err := Read(Heaptrack, dir)
	require.NoError(t, err)
	requireSound(t, p)
	count := p.Total[len(p.Total)-1].Allocations
	require.Greater(t, count, int64(1000))
	require.Less(t, count, int64(150_000))
	require.Contains(t, strings.Join(p.Unseen, "\n"), "heaptrack.1.zst ends before the process did")
}

// What heaptrack wrote until it was killed ends anywhere.
func TestHeaptrackThatWasKilled(t *testing.T) {
	r, err := open("testdata/service/heaptrack.1.zst")
	require.NoError(t, err)
	whole, err := io.ReadAll(r)
	require.NoError(t, err)
	require.NoError(t, r.Close())
	for size := 20; size < len(whole)-200; size += 11 {
		f, _, err := readHeaptrack("heaptrack.1", bytes.NewReader(whole[:size]))
		require.NoError(t, err)
		requireSound(t, f.profile(Heaptrack))
	}
	_, cut, err := readHeaptrack("heaptrack.1", bytes.NewReader(whole))
	require.NoError(t, err)
	require.False(t, cut)
	half, _, _ := bytes.Cut(whole, []byte("s 5 burst\n"))
	atTime := half[:bytes.LastIndex(half, []byte("\ni "))+1]
	require.Regexp(t, `\nc [0-9a-f]+\nR [0-9a-f]+\n$`, string(atTime))
	for _, text := range [][]byte{half, half[:len(half)-1], atTime} { // after a line, in it, and where it looks like an end
		_, cut, err = readHeaptrack("heaptrack.1", bytes.NewReader(text))
		require.NoError(t, err)
		require.True(t, cut)
	}
}

func TestFilesThatAreNotCompressedAsTheirNamesSay(t *testing.T) {
	for tool, name := range map[Tool]string{Heaptrack: "heaptrack.1.zst", Massif: "massif.1.gz", DHAT: "dhat.1.gz"} {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("v 10400 3\nX ./service\n"), 0o644))
		_, err := Read(tool, dir)
		require.ErrorContains(t, err, name)
		require.ErrorContains(t, err, "the file is damaged: record it again")
	}
	text, err := os.ReadFile("testdata/service/heaptrack.1.zst")
	require.NoError(t, err)
	text[len(text)-3] ^= 0xff // of the checksum, or what is before it
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "heaptrack.1.zst"), text, 0o644))
	_, err = Read(Heaptrack, dir)
	require.Error(t, err)
	require.Regexp(t, `heaptrack\.1\.zst:\d+: `, err.Error())
}

// A few bytes may stand for very many.
func TestAFileThatIsMuchLargerThanItLooks(t *testing.T) {
	var small bytes.Buffer
	w, err := zstd.NewWriter(&small)
	require.NoError(t, err)
	_, err = w.Write([]byte(heaptrackHead))
	require.NoError(t, err)
	_, err = w.Write(bytes.Repeat([]byte("s"), 64<<20))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	require.Less(t, small.Len(), 64<<10)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "heaptrack.1.zst"), small.Bytes(), 0o644))
	_, err = Read(Heaptrack, dir)
	require.ErrorContains(t, err, "heaptrack.1.zst:7: a line of more than 1048576 bytes")
}

func TestDirectoriesWithoutFiles(t *testing.T) {
	for _, tool := range []Tool{Heaptrack, DHAT, Massif} {
		_, err := Read(tool, filepath.Join(t.TempDir(), "none"))
		require.ErrorContains(t, err, "no such directory; the process under the tool was not started")
		_, err = Read(tool, t.TempDir())
		require.ErrorContains(t, err, "no file of "+string(tool)+": the process was killed, or did not load malloc")
	}
	_, err := Read("memcheck", t.TempDir())
	require.ErrorContains(t, err, "memcheck leaves no files that can be read here")
}
