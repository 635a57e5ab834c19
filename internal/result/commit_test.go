package result

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheCommitIsThatOfTheCISystem(t *testing.T) {
	sha := strings.Repeat("0a", 20)
	for name, env := range map[string]map[string]string{
		"GitHub": {"GITHUB_SHA": sha}, "GitLab": {"CI_COMMIT_SHA": sha}, "Jenkins": {"GIT_COMMIT": sha}, "two": {"GITHUB_SHA": "<b>", "GIT_COMMIT": sha},
	} {
		require.Equal(t, sha, commit(func(key string) string { return env[key] }), name)
	}
	require.Empty(t, commit(func(string) string { return "" }))
	require.Empty(t, commit(func(string) string { return "refs/heads/main" }))
}
