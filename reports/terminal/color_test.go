package terminal

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestColor(t *testing.T) {
	for _, row := range []struct {
		name     string
		mode     string
		env      map[string]string
		terminal bool
		want     bool
	}{
		{"a terminal", "auto", nil, true, true},
		{"a pipe", "auto", nil, false, false},
		{"a dumb terminal", "", map[string]string{"TERM": "dumb"}, true, false},
		{"the flag beats NO_COLOR", "always", map[string]string{"NO_COLOR": "1"}, false, true},
		{"the flag beats CLICOLOR_FORCE", "never", map[string]string{"CLICOLOR_FORCE": "1"}, true, false},
		{"NO_COLOR beats CLICOLOR_FORCE", "auto", map[string]string{"NO_COLOR": "1", "CLICOLOR_FORCE": "1"}, true, false},
		{"an empty NO_COLOR is none", "auto", map[string]string{"NO_COLOR": ""}, true, true},
		{"CLICOLOR_FORCE on a pipe", "auto", map[string]string{"CLICOLOR_FORCE": "1"}, false, true},
		{"FORCE_COLOR beats CLICOLOR=0", "auto", map[string]string{"FORCE_COLOR": "1", "CLICOLOR": "0"}, false, true},
		{"FORCE_COLOR=0 forces nothing", "auto", map[string]string{"FORCE_COLOR": "0"}, false, false},
		{"CLICOLOR=0 on a terminal", "auto", map[string]string{"CLICOLOR": "0"}, true, false},
		{"GitHub's log", "auto", map[string]string{"GITHUB_ACTIONS": "true"}, false, true},
		{"GitLab's log", "auto", map[string]string{"GITLAB_CI": "true"}, false, true},
		{"NO_COLOR in GitHub's log", "auto", map[string]string{"GITHUB_ACTIONS": "true", "NO_COLOR": "1"}, false, false},
	} {
		require.Equal(t, row.want, Color(row.mode, func(name string) string { return row.env[name] }, row.terminal), row.name)
	}
}
