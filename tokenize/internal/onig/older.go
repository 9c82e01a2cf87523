package onig

import "sort"

// newerRange is characters that are newer than Go's tables, with one that these
// know and that has the same category.
type newerRange struct{ first, last, like rune }

// Characters that stand for newer ones: of scripts that no pattern names.
const (
	likeLu  = 0x10400 // Deseret
	likeLl  = 0x10428
	likeLm  = 0x16B40 // Pahawh Hmong
	likeLo  = 0x10450 // Shavian
	likeMn  = 0x11001 // Brahmi
	likeMc  = 0x11000
	likeNd  = 0x104A0 // Osmanya
	likePo  = 0x10100 // an Aegean separator
	likePd  = 0x10EAD // Yezidi
	likeSm  = 0x1D6C1 // mathematical nabla
	likeSo  = 0x10137 // an Aegean weight
	likeHan = 0x2CEB0
)

// older returns r, or, if Go's tables do not know it, a character of the same
// category that they do.
func older(r rune) rune {
	i := sort.Search(len(newer), func(i int) bool { return newer[i].last >= r })
	if i == len(newer) || newer[i].first > r {
		return r
	}
	if r >= 0x2EBF0 && r <= 0x2EE5D { // ideographs
		return likeHan
	}
	return newer[i].like
}
