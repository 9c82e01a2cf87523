// Package cpu tells which instructions the processor at hand has.
package cpu

// AVX2 says that the functions in assembly may run: the processor has AVX2, BMI1
// and BMI2, and the operating system saves its registers. It is false on other
// architectures and with the build tag purego.
var AVX2 = hasAVX2()
