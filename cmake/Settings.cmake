# What every target of ours is compiled with. The presets choose among these switches.
set(LONGHAUL_SANITIZE "" CACHE STRING "Value of -fsanitize=, e.g. address,undefined; empty for none")
option(LONGHAUL_HARDEN "Hardening flags of a release" OFF)
option(LONGHAUL_COVERAGE "Count executed lines (gcov)" OFF)
option(LONGHAUL_FUZZ "Build the fuzz targets with libFuzzer (clang) instead of the replay" OFF)
option(LONGHAUL_TESTS "Build the tests, which need more packages than the programs" ON)
option(LONGHAUL_GATES "Register the checks of style and structure as tests" OFF)

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Debug CACHE STRING "" FORCE)
endif()
# assert stays on in releases: it guards against our own bugs. RelWithDebInfo would define NDEBUG.
if(NOT CMAKE_BUILD_TYPE MATCHES "^(Debug|Release)$")
  message(FATAL_ERROR "CMAKE_BUILD_TYPE must be Debug or Release, not ${CMAKE_BUILD_TYPE}")
endif()
set(CMAKE_C_FLAGS_RELEASE "-O2 -g")
if(LONGHAUL_COVERAGE)
  set(CMAKE_C_FLAGS_DEBUG "-O0 -g")
else()
  set(CMAKE_C_FLAGS_DEBUG "-O1 -g")
endif()

include(CheckPIESupported)
check_pie_supported(LANGUAGES C)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_C_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

# Sanitizers and instrumentation go to everything, generated code included.
if(LONGHAUL_SANITIZE)
  add_compile_options(-fsanitize=${LONGHAUL_SANITIZE} -fno-sanitize-recover=all
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${LONGHAUL_SANITIZE})
endif()
if(LONGHAUL_FUZZ)
  if(NOT CMAKE_C_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "LONGHAUL_FUZZ needs clang: use the preset fuzz")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(LONGHAUL_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()
if(LONGHAUL_HARDEN)
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong
                      -fstack-clash-protection -fcf-protection)
  add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack)
endif()

add_library(lh_flags INTERFACE)
target_compile_definitions(lh_flags INTERFACE _GNU_SOURCE)
target_compile_options(lh_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes
  -Wmissing-prototypes -Wold-style-definition -Wformat=2 -Wundef -Wvla -Wcast-qual -Wcast-align
  -Wwrite-strings -Wpointer-arith -Wswitch-enum -Wimplicit-fallthrough -Wnull-dereference
  -Werror)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  target_compile_options(lh_flags INTERFACE -Wlogical-op -Wduplicated-cond -Walloca)
endif()
