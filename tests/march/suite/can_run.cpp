// Exits with 0 where the processor can run what -march=x86-64-vLEVEL compiles to. Not every compiler knows the levels
// by name in a program, but all know what they bring.
int main() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512vl");
  return avx2 && (LEVEL < 4 || avx512) ? 0 : 1;
#else
  return 1;
#endif
}
