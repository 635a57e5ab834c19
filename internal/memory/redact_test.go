package memory

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The files of all three tools name the command, and with it what a scenario keeps secret.
func TestRedactTakesSecretsOutOfTheCommand(t *testing.T) {
	clean := strings.NewReplacer("hunter2-hunter2", "REDACTED")
	for tool, text := range map[Tool]string{
		Heaptrack: "v 10400 3\nx d /usr/bin/shop\nX ./shop --token hunter2-hunter2\ns 4 hunt\n+ 1\n",
		DHAT:      "{\"dhatFileVersion\":2\n,\"mode\":\"heap\"\n,\"cmd\":\"./shop --token hunter2-hunter2\"\n,\"pid\":1\n}\n",
		Massif:    "desc: --time-unit=ms\ncmd: ./shop --token hunter2-hunter2\ntime_unit: ms\n#-----------\nsnapshot=0\n",
	} {
		t.Run(string(tool), func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "100% [of it]")
			require.NoError(t, os.Mkdir(dir, 0o755))
			with, without := filepath.Join(dir, "of.1"), filepath.Join(dir, "of.2")
			require.NoError(t, os.WriteFile(with, []byte(text), 0o600))
			plain := strings.ReplaceAll(text, " --token hunter2-hunter2", "")
			require.NoError(t, os.WriteFile(without, []byte(plain), 0o600))
			require.NoError(t, Redact(tool, dir, clean))
			got, err := os.ReadFile(with)
			require.NoError(t, err)
			require.Equal(t, clean.Replace(text), string(got))
			got, err = os.ReadFile(without)
			require.NoError(t, err)
			require.Equal(t, plain, string(got))
			entries, err := os.ReadDir(dir)
			require.NoError(t, err)
			require.Len(t, entries, 2)
		})
	}
}

func TestWhatCannotBeRedactedIsRemoved(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "massif.1")
	require.NoError(t, os.WriteFile(path, []byte("cmd: ./shop hunter2-hunter2\n"), 0o600))
	require.NoError(t, os.Mkdir(path+".part", 0o755)) // in the way of the file that would replace it
	require.NoError(t, os.WriteFile(filepath.Join(path+".part", "x"), nil, 0o600))
	err := Redact(Massif, dir, strings.NewReplacer("hunter2-hunter2", "REDACTED"))
	require.ErrorContains(t, err, "it was removed")
	require.NoFileExists(t, path)
}
