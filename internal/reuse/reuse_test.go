package reuse

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestList(t *testing.T) {
	var l List[*int]
	_, ok := l.Get()
	assert.False(t, ok)
	one, two := new(int), new(int)
	l.Put(one)
	l.Put(two)
	runtime.GC()
	runtime.GC()
	got, ok := l.Get()
	assert.True(t, ok)
	assert.Same(t, two, got)
	got, ok = l.Get()
	assert.True(t, ok)
	assert.Same(t, one, got)
	_, ok = l.Get()
	assert.False(t, ok)
}
