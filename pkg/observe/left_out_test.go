//go:build !servers

package observe

import "testing"

// TestServersLeftOut says what a run without the build tag does not try.
func TestServersLeftOut(t *testing.T) {
	t.Log("left out: the tests against real Redis and Valkey servers; .ci/servers runs them")
}
