package onig

import (
	"fmt"
	"strings"
	"unicode"
)

// set is a set of characters as an expression that matches one of them.
type set struct {
	items string   // what stands between brackets
	more  []string // expressions beside
}

// expression returns the set as an expression.
func (s set) expression() string {
	if s.items == "" && len(s.more) == 0 {
		return `[^\s\S]`
	}
	parts := s.more
	if s.items != "" {
		parts = append([]string{"[" + s.items + "]"}, parts...)
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return "(?:" + strings.Join(parts, "|") + ")"
}

// negated returns the expression of all other characters.
func (s set) negated() string {
	if len(s.more) == 0 && s.items != "" {
		return "[^" + s.items + "]"
	}
	return "(?:(?!" + s.expression() + `)[\s\S])`
}

// Sets that have other names, or other members, in regexp2.
const (
	alphabetic = `\p{L}\p{Nl}\p{Other_Alphabetic}`
	wordItems  = alphabetic + `\p{M}\p{Nd}\p{Pc}\u00B2\u00B3\u00B9\u00BC-\u00BE`
	hexItems   = `0-9a-fA-F`
)

// properties are the names of POSIX and of Ruby, and the long names of Unicode.
var properties = map[string]string{
	"alnum": alphabetic + `\p{Nd}`, "alpha": alphabetic, "alphabetic": alphabetic, "ascii": `\x00-\x7F`, "blank": `\p{Zs}\t`,
	"cntrl": `\p{Cc}`, "digit": `\p{Nd}`, "space": `\s`, "whitespace": `\s`, "word": wordItems, "xdigit": hexItems, "any": `\s\S`,
	"letter": `\p{L}`, "lowercaseletter": `\p{Ll}`, "uppercaseletter": `\p{Lu}`, "titlecaseletter": `\p{Lt}`, "modifierletter": `\p{Lm}`,
	"otherletter": `\p{Lo}`, "mark": `\p{M}`, "combiningmark": `\p{M}`, "nonspacingmark": `\p{Mn}`, "spacingmark": `\p{Mc}`, "enclosingmark": `\p{Me}`,
	"number": `\p{N}`, "decimalnumber": `\p{Nd}`, "letternumber": `\p{Nl}`, "othernumber": `\p{No}`, "punctuation": `\p{P}`,
	"connectorpunctuation": `\p{Pc}`, "dashpunctuation": `\p{Pd}`, "openpunctuation": `\p{Ps}`, "closepunctuation": `\p{Pe}`,
	"initialpunctuation": `\p{Pi}`, "finalpunctuation": `\p{Pf}`, "otherpunctuation": `\p{Po}`, "symbol": `\p{S}`, "mathsymbol": `\p{Sm}`,
	"currencysymbol": `\p{Sc}`, "modifiersymbol": `\p{Sk}`, "othersymbol": `\p{So}`, "separator": `\p{Z}`, "spaceseparator": `\p{Zs}`,
	"lineseparator": `\p{Zl}`, "paragraphseparator": `\p{Zp}`, "control": `\p{Cc}`, "format": `\p{Cf}`, "privateuse": `\p{Co}`,
}

// property returns the items of a property by its name, in which case, spaces,
// hyphens and underscores do not count.
func property(name string) (items string, err error) {
	plain := squeeze(name)
	if items, ok := properties[plain]; ok {
		return items, nil
	}
	for _, tables := range []map[string]*unicode.RangeTable{unicode.Categories, unicode.Scripts, unicode.Properties} {
		for known := range tables {
			// One- and two-letter categories that Go does not have at every
			// version, such as Cn, are left out.
			if squeeze(known) == plain && known != "LC" && known != "Cn" && known != "C" {
				return `\p{` + known + `}`, nil
			}
		}
	}
	return "", fmt.Errorf("the property %q is unknown", name)
}

func squeeze(name string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", "-", "", "_", "").Replace(name))
}

// literal returns c as an item or an expression of itself.
func literal(c rune) string {
	switch {
	case c < 0x20 || c == 0x7F:
		return fmt.Sprintf(`\x%02X`, c)
	case strings.ContainsRune(`\.+*?()|[]{}^$#-&~`, c) || c == ' ':
		return `\` + string(c)
	}
	return string(c)
}

// folded returns the characters that fold to the same as c, c first.
func folded(c rune) []rune {
	all := []rune{c}
	for f := unicode.SimpleFold(c); f != c; f = unicode.SimpleFold(f) {
		all = append(all, f)
	}
	return all
}
