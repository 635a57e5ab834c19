package suite_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/internal/diag"
	"brrtload/internal/evidence"
	"brrtload/internal/suite"
)

const text = `target: {url: "http://127.0.0.1:1", metrics: /metrics}
stages: [{rate: "${RATE}", duration: 2s}]
credentials: {user: {bearer: {token: hunter2-hunter2}}}
requests: [{get: /, credential: user}]
assert: [client]
budgets:
  - {id: quick, expr: 'max(brrtload_in_flight)', must: "< 1"}
`

// load returns the suite of the text above, with a change.
func load(t *testing.T) *suite.Suite {
	t.Helper()
	t.Setenv("RATE", "50")
	s, err := suite.Text("s.yaml", text).Load(suite.Changes{Set: []string{"timeout=2s"}, Rate: "30"})
	require.NoError(t, err)
	return s
}

func ids(list []assertions.Assertion) (ids []string) {
	for _, a := range list {
		ids = append(ids, a.About().ID)
	}
	return ids
}

func TestAKeptSuiteIsTheSame(t *testing.T) {
	s, dir := load(t), t.TempDir()
	require.False(t, suite.IsKept(dir))
	require.NoError(t, s.Keep(dir))
	require.True(t, suite.IsKept(dir))
	t.Setenv("RATE", "1") // the run's value counts
	again, err := suite.Open(dir)
	require.NoError(t, err)
	require.Equal(t, ids(s.Assertions), ids(again.Assertions))
	require.Contains(t, ids(again.Assertions), "quick")
	require.Equal(t, s.Scenario.Timeout, again.Scenario.Timeout)
	was, err := s.Scenario.Plan(1)
	require.NoError(t, err)
	is, err := again.Scenario.Plan(1)
	require.NoError(t, err)
	require.EqualValues(t, 60, was.Hits(), "30 a second for 2 s")
	require.Equal(t, was.Hits(), is.Hits())
}

// A run that was kept when checks of expositions were clauses under "must" is judged all the same.
func TestAKeptSuiteInFormerWordsIsRead(t *testing.T) {
	const here = "expositions: [{id: mine, check: fresh}, {id: ours, check: bounded-cardinality}]\n"
	t.Setenv("RATE", "50")
	s, err := suite.Text("s.yaml", text+here).Load(suite.Changes{Rate: "30"})
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, s.Keep(dir))
	former := strings.NewReplacer("check: fresh", "must: be of now", "check: bounded-cardinality", `must: "keep its size"`,
		"check: readable", "must: be readable", "check: monotonic", "must: only count up")
	changed := 0
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		is, err := os.ReadFile(path)
		require.NoError(t, err)
		was := former.Replace(string(is))
		if was != string(is) {
			changed++
		}
		return os.WriteFile(path, []byte(was), 0o600)
	}))
	require.Equal(t, 2, changed, "the scenario and the shipped pack")
	again, err := suite.Open(dir)
	require.NoError(t, err)
	require.Equal(t, ids(s.Assertions), ids(again.Assertions))
}

func TestASecretIsNotKept(t *testing.T) {
	s, dir := load(t), t.TempDir()
	require.NoError(t, s.Keep(dir))
	read := 0
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		require.NotContains(t, string(text), "hunter2", path)
		read++
		return err
	}))
	require.Greater(t, read, 3)
	again, err := suite.Open(dir)
	require.NoError(t, err)
	require.Empty(t, again.Scenario.Secrets())
	require.True(t, again.Scenario.HasSecrets())
}

func TestASuiteJudgesWithoutACommandLine(t *testing.T) {
	store, err := evidence.Create(t.TempDir())
	require.NoError(t, err)
	defer store.Close() //nolint:errcheck // nothing of it is kept
	s := load(t)
	judged, err := s.Judge(t.Context(), store)
	require.NoError(t, err)
	require.NotEqual(t, assertions.Pass, judged.Verdict, "nothing was measured")

	other, err := s.By("client")
	require.NoError(t, err)
	require.NotContains(t, ids(other.Assertions), "quick")
	require.Contains(t, ids(s.Assertions), "quick", "the suite itself is unchanged")
	_, err = s.By("clinet")
	require.ErrorAs(t, err, new(diag.Mistake))
	require.ErrorContains(t, err, `did you mean "client"`)
}

func TestMistakesAreReportedTogether(t *testing.T) {
	_, err := suite.Text("s.yaml", "target: {url: 1}\nstages: [{rte: 1}]\nassert: [clinet]\n").Load(suite.Changes{})
	var found diag.List
	require.ErrorAs(t, err, &found)
	require.Greater(t, len(found), 2)
	_, err = suite.Find("smoek")
	require.ErrorContains(t, err, `did you mean "smoke"`)
	_, err = suite.Open(t.TempDir())
	require.ErrorContains(t, err, "is not a run directory")
}

// A secret is known by its value, however the scenario writes it.
func TestASecretIsNotKeptHoweverItIsWritten(t *testing.T) {
	const rest = "target: {url: 'http://127.0.0.1:1', metrics: none}\nstages: [{rate: 1, duration: 1s}]\nassert: [client]\n"
	for name, yaml := range map[string]string{
		"escaped, in a credential":   `credentials: {user: {bearer: {token: "\x68unter22-unter22"}}}` + "\nrequests: [{get: /, credential: user}]\n",
		"escaped, in a header":       `requests: [{get: /, headers: {Authorization: "Bearer hun\u0074er22-unter22"}}]` + "\n",
		"escaped, in a body too":     `credentials: {user: {bearer: {token: hunter22-unter22}}}` + "\n" + `requests: [{post: /, credential: user, json: {password: "\x68unter22-unter22"}}]` + "\n",
		"over two lines":             "credentials: {user: {basic: {username: ann, password: \"hunter22-\\\n    unter22\"}}}\nrequests: [{get: /, credential: user}]\n",
		"folded":                     "credentials: {user: {basic: {username: ann, password: hunter22\n    unter22 unter22}}}\nrequests: [{get: /, credential: user}]\n",
		"a block":                    "credentials:\n  user:\n    basic:\n      username: ann\n      password: |-\n        hunter22\n        unter22\nrequests: [{get: /, credential: user}]\n",
		"in quotes":                  "credentials: {user: {bearer: {token: 'hunter22''unter22'}}} # no 'hunter22'unter22'\nrequests: [{get: /, credential: user}]\n",
		"a setting of Prometheus's":  "scrape: {http: {basic_auth: {username: ann, password: \"\\x68unter22-unter22\"}}}\nrequests: [{get: /}]\n",
		"in the comment beside it":   "credentials: {user: {bearer: {token: hunter22-unter22}}} # hunter22-unter22\nrequests: [{get: /, credential: user}]\n",
		"a password of the endpoint": "scrape: {endpoints: [{name: side, url: \"http://ann:\\x68unter22-unter22@127.0.0.1:1/\"}]}\nrequests: [{get: /}]\n",
	} {
		t.Run(name, func(t *testing.T) {
			s, err := suite.Text("s.yaml", rest+yaml).Load(suite.Changes{})
			require.NoError(t, err)
			dir := t.TempDir()
			require.NoError(t, s.Keep(dir))
			kept, err := os.ReadFile(filepath.Join(dir, "sources", "files", "s.yaml"))
			require.NoError(t, err)
			require.NotContains(t, string(kept), "unter22")
			require.Contains(t, string(kept), "REDACTED")
			require.Equal(t, strings.Count(rest+yaml, "\n"), strings.Count(string(kept), "\n"), "lines stay where they are:\n%s", kept)
			again, err := suite.Open(dir)
			require.NoError(t, err)
			require.Equal(t, ids(s.Assertions), ids(again.Assertions))
		})
	}
}

func TestASecretOfAFlagIsNotKept(t *testing.T) {
	t.Setenv("RATE", "50")
	s, err := suite.Text("s.yaml", text).Load(suite.Changes{Set: []string{`credentials.user.bearer.token="\x68unter22-unter22"`, "stages.0.rate=5"}})
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, s.Keep(dir))
	kept, err := os.ReadFile(filepath.Join(dir, "sources", "changes.json"))
	require.NoError(t, err)
	require.NotContains(t, string(kept), "unter22")
	require.Contains(t, string(kept), `credentials.user.bearer.token=\"REDACTED\"`)
	require.Contains(t, string(kept), "stages.0.rate=5")
}
