package apps

import "strings"

// named lists commands as a sentence names them: "CONFIG GET and PING".
func named(list []string) string {
	words := make([]string, len(list))
	for i, c := range list {
		words[i] = strings.ReplaceAll(c, "|", " ")
	}
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// isAre is the verb for some commands.
func isAre(list []string) string {
	if len(list) == 1 {
		return "is"
	}
	return "are"
}

// themIt is the pronoun for some commands.
func themIt(list []string) string {
	if len(list) == 1 {
		return "it"
	}
	return "them"
}
