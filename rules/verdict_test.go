package rules

import "testing"

// TestRetitle: a verdict that quotes a title quotes the new one, and begins no name with a capital.
func TestRetitle(t *testing.T) {
	for _, x := range []struct{ text, title, now, want string }{
		{"10.244.2.8:8080 never answers.", "10.244.2.8:8080 never answers", "default/web (10.244.2.8:8080) never answers", "default/web (10.244.2.8:8080) never answers."},
		{"The pod 10.0.0.1 is gone, but for 2 suppressed.", "the pod 10.0.0.1 is gone", "the pod a/b (10.0.0.1) is gone", "The pod a/b (10.0.0.1) is gone, but for 2 suppressed."},
		{"Something else.", "the pod 10.0.0.1 is gone", "the pod a/b is gone", "Something else."},
		{"As it was.", "as it was", "as it was", "As it was."},
	} {
		v := Verdict{Text: x.text}
		if v.Retitle(x.title, x.now); v.Text != x.want {
			t.Errorf("got %q, want %q", v.Text, x.want)
		}
	}
}
