package config

import (
	"flag"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSourcesAreLaidOverEachOther(t *testing.T) {
	c := Default()
	require.NoError(t, fromText(&c, "c.yaml", []byte("stack_size: 0x2001\nmailbox: 7\ndeadline: 3s\nlog_level: warn\n")))
	require.Equal(t, 0x2001, c.StackSize)
	require.Equal(t, 3*time.Second, c.Deadline)
	require.Equal(t, slog.LevelWarn, c.LogLevel)
	require.Equal(t, Default().Coroutines, c.Coroutines, "what the file does not say stays")

	require.NoError(t, FromEnvironment(&c, []string{"BRRTR_STACK_SIZE=0x8001", "BRRTR_STACK_SIZE__GET_PET=9000", "HOME=/"}))
	require.Equal(t, 0x8001, c.StackSize)

	set := flag.NewFlagSet("", flag.ContinueOnError)
	Flags(set, &c)
	require.NoError(t, set.Parse([]string{"--mailbox", "9"}))
	require.Equal(t, 9, c.Mailbox)
}

func TestShippedFileIsTheDefaultWithTracking(t *testing.T) {
	c := Config{}
	require.NoError(t, FromFile(&c, "../../config.yaml"))
	want := Default()
	want.TrackStacks = true
	require.Equal(t, want, c)
	require.NoError(t, c.Check())
}

func TestMistakesInTheFileHavePlaces(t *testing.T) {
	for name, row := range map[string]struct{ text, want string }{
		"an unknown field":  {"mailbox: 1\nmailbx: 2\n", "c.yaml:2:1: "},
		"a repeated field":  {"mailbox: 1\nmailbox: 2\n", "c.yaml:2:1: "},
		"a wrong type":      {"mailbox: many\n", "c.yaml:1:10: "},
		"a wrong duration":  {"deadline: soon\n", "c.yaml:1:11: "},
		"no YAML":           {"mailbox: [\n", "c.yaml:2"},
		"several at once":   {"a: 1\nb: 2\n", "c.yaml:2:1: "},
		"a second document": {"mailbox: 1\n---\nmailbox: 2\n", "c.yaml:"},
	} {
		t.Run(name, func(t *testing.T) {
			c := Default()
			require.ErrorContains(t, fromText(&c, "c.yaml", []byte(row.text)), row.want)
		})
	}
}

func TestCheckFindsEveryValueOutOfRange(t *testing.T) {
	c := Default()
	require.NoError(t, c.Check())
	c.Mailbox, c.Copies, c.Deadline, c.StackMin, c.LabelSets = 0, -1, 0, c.StackMax+1, "all"
	err := c.Check()
	require.ErrorContains(t, err, "mailbox")
	require.ErrorContains(t, err, "copies")
	require.ErrorContains(t, err, "deadline")
	require.ErrorContains(t, err, "stack_min_bytes")
	require.ErrorContains(t, err, `label_sets: want traffic or preset, got "all"`)
}

func TestStackOf(t *testing.T) {
	c := Default()
	c.StackMin, c.StackMax = 0x1000, 0x10000
	c.StackOverride = map[string]int{"get_pet": 0x3000}
	for name, row := range map[string]struct {
		handler           string
		ofOperation       int
		track             bool
		size, clampedFrom int
	}{
		"the configuration's":           {"wait", 0, false, 0x4001, 0},
		"the environment's":             {"get_pet", 0, false, 0x3000, 0},
		"the operation's before both":   {"get_pet", 0x5000, false, 0x5000, 0},
		"tracking makes even sizes odd": {"get_pet", 0, true, 0x3001, 0},
		"too small and odd":             {"wait", 0x11, false, 0x1001, 0x11},
		"too small and even":            {"wait", 0x10, false, 0x1000, 0x10},
		"too large and odd":             {"wait", 0x20001, false, 0xffff, 0x20001},
		"too large and even":            {"wait", 0x20000, false, 0x10000, 0x20000},
	} {
		t.Run(name, func(t *testing.T) {
			c.TrackStacks = row.track
			size, clampedFrom := c.StackOf(row.handler, row.ofOperation)
			require.Equal(t, row.size, size)
			require.Equal(t, row.clampedFrom, clampedFrom)
		})
	}
}

func TestWrongVariablesAreNamed(t *testing.T) {
	c := Default()
	err := FromEnvironment(&c, []string{"BRRTR_STACK_SIZE=big", "BRRTR_STACK_MIN_BYTES=-1"})
	require.ErrorContains(t, err, `BRRTR_STACK_SIZE: want a number of bytes, decimal or 0x hex, got "big"`)
	require.ErrorContains(t, err, "BRRTR_STACK_MIN_BYTES")
}

func TestSecretsAreNotPrinted(t *testing.T) {
	c := Default()
	for _, verb := range []string{"%v", "%+v", "%s"} {
		require.NotContains(t, fmt.Sprintf(verb, c), string(DemoAPIKey))
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("started", "key", c.APIKey)
	require.NotContains(t, log.String(), string(DemoAPIKey))
}

func FuzzFile(f *testing.F) {
	f.Add("mailbox: 1\ndeadline: 3s\n")
	f.Add("a: &a [*a]")
	f.Fuzz(func(t *testing.T, text string) {
		c := Default()
		if err := fromText(&c, "f", []byte(text)); err != nil && err.Error() == "" {
			t.Fatal("an error without a message")
		}
	})
}
