package profile_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/internal/profile"
)

// Each profile can be read, says its source, and recognises itself by its own names.
func TestProfiles(t *testing.T) {
	require.GreaterOrEqual(t, len(profile.Names()), 15)
	for _, name := range profile.Names() {
		p, err := profile.Get(name)
		require.NoError(t, err)
		require.NotEmpty(t, p.Title)
		require.Contains(t, p.Source, "read 2026")
		require.NotEmpty(t, p.Quirks, name)
		require.Equal(t, p.Status == "", len(p.Labels) == 0, "%s: the labels tell it from others", name)
		if p.Status != "" {
			require.Contains(t, p.Labels, p.Status)
		}
		exposed := map[string][]string{p.Counter: p.Labels}
		for _, beside := range p.Beside {
			exposed[beside] = nil
		}
		require.Equal(t, name, profile.Recognise(exposed).Name)
	}
}

func TestWhatIsNotRecognised(t *testing.T) {
	require.Nil(t, profile.Recognise(map[string][]string{"http_requests_total": {"verb"}, "up": nil}))
	_, err := profile.Get("fastapy")
	require.ErrorContains(t, err, `did you mean "fastapi"?`)
}
