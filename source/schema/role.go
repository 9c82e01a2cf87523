package schema

import (
	"fmt"

	"github.com/datamix-go/datamix"
)

// roleCall is the role of turns whose content is a call of a tool. They become
// assistant turns.
const roleCall = "function_call"

const knownRoles = "system, developer, user, human, prompter, question, assistant, gpt, chatgpt, bot, bard, bing, model, ai, answer, " +
	"tool, function, observation, function_response, tool_response, function_output, tool_output, tool_result, ipython, environment, function_call, tool_call"

// roleOf returns the role that raw, a JSON string, stands for.
func (p *parser) roleOf(raw []byte) (string, *fault) {
	switch string(raw) { // the usual spellings need no decoding
	case `"user"`, `"human"`:
		return datamix.RoleUser, nil
	case `"assistant"`, `"gpt"`:
		return datamix.RoleAssistant, nil
	case `"system"`:
		return datamix.RoleSystem, nil
	case `"tool"`, `"observation"`:
		return datamix.RoleTool, nil
	}
	name, f := decodeText(p.r, ".role", raw)
	if f != nil {
		return "", f
	}
	lower := folded(name)
	if role, ok := p.roles[lower]; ok {
		return role, nil
	}
	if role := canonicalRole(lower); role != "" {
		return role, nil
	}
	return "", &fault{at: ".role", msg: fmt.Sprintf("is %q, an unknown role; known: %s; map others with the option Roles", name, knownRoles)}
}

// canonicalRole returns the role of a name in lower case, "" if it is unknown.
func canonicalRole(name string) string {
	switch name {
	case "user", "human", "prompter", "question":
		return datamix.RoleUser
	case "assistant", "gpt", "chatgpt", "bot", "bard", "bing", "model", "ai", "answer":
		return datamix.RoleAssistant
	case "system":
		return datamix.RoleSystem
	case "developer":
		return "developer"
	case "tool", "function", "observation", "function_response", "tool_response", "function_output", "tool_output", "tool_result",
		"ipython", "environment":
		return datamix.RoleTool
	case roleCall, "tool_call":
		return roleCall
	}
	return ""
}

// checkRoles checks the option Roles and returns it with canonical values.
func checkRoles(m map[string]string) (map[string]string, error) {
	if len(m) == 0 {
		return nil, nil
	}
	out := make(map[string]string, len(m))
	for name, role := range m {
		canonical := canonicalRole(role)
		if canonical == "" {
			return nil, fmt.Errorf("the option Roles maps %q to the unknown role %q; known: %s", name, role, knownRoles)
		}
		out[folded(name)] = canonical
	}
	return out, nil
}
