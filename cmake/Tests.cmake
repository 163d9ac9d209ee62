# Tests are found, not listed. tests/{unit,port,model}/test_*.c: one Criterion program each;
# tests/tsan/test_*.c: plain main() programs, because Criterion cannot start under TSan;
# tests/fuzz/fuzz_*.c: libFuzzer in the preset fuzz, elsewhere a replay of the seed corpus;
# tests/e2e/*.test.mjs: Node's test runner on the real programs, one at a time and with nothing
# beside it, but for those whose first line begins with   // idle:   They wait most of their time:
# they start early and run beside what is not of e2e. Those whose first line begins with   // all:   are
# of the configuration `all`, which only `ctest -C all` runs: they install more than the rest needs.
# tests/contract/*.test.mjs: the same runner on what docs/openapi.yaml promises, with
# tests/contract/print_api.c saying what the C code has.
#
# What a C test may link stands in the file:   // links: base core
set(lh_linkable_base lh_base)
set(lh_linkable_core lh_core)
set(lh_linkable_wire lh_wire)
set(lh_linkable_ports lh_ports)
set(lh_linkable_gateway lh_gateway)
set(lh_linkable_broker lh_broker)
set(lh_linkable_workers lh_workers)
set(lh_linkable_cli lh_cli)
set(lh_linkable_support lh_support)
set(lh_linkable_hiredis PkgConfig::HIREDIS)
set(lh_linkable_zmq PkgConfig::ZMQ)
set(lh_linkable_czmq PkgConfig::CZMQ)
set(lh_linkable_curl PkgConfig::CURL)
set(lh_linkable_jansson PkgConfig::JANSSON)
set(lh_linkable_crypto OpenSSL::Crypto)
set(lh_linkable_pthread Threads::Threads)
set(lh_linkable_zlib PkgConfig::ZLIB)

# What several test programs share (a private Redis, a temporary folder).
lh_library(support tests/support PUBLIC lh_ports)
get_target_property(support_type lh_support TYPE)
if(support_type STREQUAL "INTERFACE_LIBRARY")
  target_include_directories(lh_support INTERFACE ${PROJECT_SOURCE_DIR}/tests)
else()
  target_include_directories(lh_support PUBLIC ${PROJECT_SOURCE_DIR}/tests)
endif()

# Runs the command and fails if a sanitizer wrote a report, also from a child process.
set(RUN_CHECKED ${PROJECT_SOURCE_DIR}/cmake/run-checked)
set(TEST_ENVIRONMENT
    "LONGHAUL_BIN=${CMAKE_RUNTIME_OUTPUT_DIRECTORY}"
    "LONGHAUL_SOURCE=${PROJECT_SOURCE_DIR}"
    "TSAN_SUPPRESSIONS=${PROJECT_SOURCE_DIR}/cmake/tsan.supp")

function(lh_test_program target source)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
  file(STRINGS ${source} line REGEX "^// links:" LIMIT_COUNT 1)
  string(REGEX REPLACE "^// links:" "" names "${line}")
  string(REGEX MATCHALL "[a-z0-9_]+" names "${names}")
  add_executable(${target} ${source} ${ARGN})
  set_target_properties(${target} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/lib ${PROJECT_SOURCE_DIR})
  foreach(name IN LISTS names)
    if(NOT DEFINED lh_linkable_${name})
      message(FATAL_ERROR "${source}: `// links:` names unknown `${name}`")
    endif()
    target_link_libraries(${target} PRIVATE ${lh_linkable_${name}})
  endforeach()
  target_link_libraries(${target} PRIVATE lh_flags)
endfunction()

function(lh_add_test name label timeout_s)
  add_test(NAME ${name} COMMAND ${RUN_CHECKED} ${CMAKE_BINARY_DIR}/reports/${name} ${ARGN})
  set_tests_properties(${name} PROPERTIES
    LABELS ${label} TIMEOUT ${timeout_s} ENVIRONMENT "${TEST_ENVIRONMENT}")
endfunction()

function(lh_tests folder timeout_s)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/${folder}/test_*.c)
  file(GLOB helpers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/${folder}/*.c)
  list(FILTER helpers EXCLUDE REGEX "/test_[^/]*$") # what the folder's tests share
  foreach(source IN LISTS sources)
    get_filename_component(stem ${source} NAME_WE)
    set(target ${folder}_${stem})
    string(REPLACE "_test_" "_" target ${target})
    lh_test_program(${target} ${source} ${helpers})
    if(NOT folder STREQUAL "tsan")
      target_link_libraries(${target} PRIVATE PkgConfig::CRITERION)
    endif()
    lh_add_test(${target} ${folder} ${timeout_s} $<TARGET_FILE:${target}>)
  endforeach()
endfunction()

function(lh_fuzz_targets)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/fuzz/fuzz_*.c)
  foreach(source IN LISTS sources)
    get_filename_component(target ${source} NAME_WE)
    string(REGEX REPLACE "^fuzz_" "" noun ${target})
    set(corpus ${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${noun})
    if(LONGHAUL_FUZZ)
      lh_test_program(${target} ${source})
      target_link_options(${target} PRIVATE -fsanitize=fuzzer)
      set(found ${CMAKE_BINARY_DIR}/corpus/${noun})
      file(MAKE_DIRECTORY ${found})
      set(seeds)
      if(EXISTS ${corpus})
        set(seeds ${corpus})
      endif()
      lh_add_test(${target} fuzz 120 $<TARGET_FILE:${target}> -max_total_time=20 -timeout=10
                  -rss_limit_mb=1024 -print_final_stats=0 -verbosity=0
                  -artifact_prefix=${CMAKE_BINARY_DIR}/corpus/${noun}- ${found} ${seeds})
    else()
      lh_test_program(${target} ${source} ${PROJECT_SOURCE_DIR}/tests/fuzz/replay.c)
      lh_add_test(${target} fuzz 120 $<TARGET_FILE:${target}> ${corpus})
    endif()
  endforeach()
endfunction()

function(lh_e2e_tests)
  # The runtime that the tools in tests/package.json want, where the machine's own may be older.
  # Looked for anew each time: a cached path may be from before the tools were installed.
  unset(NODE CACHE)
  find_program(NODE node PATHS ${PROJECT_SOURCE_DIR}/tests/node_modules/node/bin
               NO_DEFAULT_PATH)
  find_program(NODE node REQUIRED)
  file(GLOB scripts CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/e2e/*.test.mjs)
  foreach(script IN LISTS scripts)
    get_filename_component(stem ${script} NAME_WE)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${script})
    file(STRINGS ${script} all REGEX "^// all:" LIMIT_COUNT 1)
    set(configurations)
    set(timeout_s 300)
    if(all)
      set(configurations CONFIGURATIONS all)
      set(timeout_s 600) # a first installation is part of it
    endif()
    lh_add_test(e2e_${stem} e2e ${timeout_s} ${NODE} --test ${script} ${configurations})
    file(STRINGS ${script} idle REGEX "^// idle:" LIMIT_COUNT 1)
    if(idle)
      set_tests_properties(e2e_${stem} PROPERTIES COST 1000)
    else()
      set_tests_properties(e2e_${stem} PROPERTIES RUN_SERIAL ON)
    endif()
  endforeach()
endfunction()

function(lh_contract_tests)
  file(GLOB programs CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/contract/*.c)
  foreach(program IN LISTS programs)
    get_filename_component(stem ${program} NAME_WE)
    lh_test_program(contract_${stem} ${program})
  endforeach()
  file(GLOB scripts CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/contract/*.test.mjs)
  foreach(script IN LISTS scripts)
    get_filename_component(stem ${script} NAME_WE)
    lh_add_test(contract_${stem} contract 300 ${NODE} --test ${script})
  endforeach()
  # Many files of end-to-end tests each, and a proxy that takes long to start on a busy machine.
  set_tests_properties(contract_prism contract_prism_more PROPERTIES TIMEOUT 1200 COST 500)
endfunction()

if(LONGHAUL_SANITIZE MATCHES "thread")
  lh_tests(tsan 300)
elseif(LONGHAUL_FUZZ)
  lh_fuzz_targets()
else()
  pkg_check_modules(CRITERION REQUIRED IMPORTED_TARGET criterion)
  pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)
  # What hangs is found in five minutes as well as in one; Criterion under ASan on a machine that does
  # ten other things may take more than one.
  lh_tests(unit 300)
  lh_tests(port 300)
  lh_tests(model 300)
  lh_fuzz_targets()
  lh_e2e_tests()
  lh_contract_tests()
endif()

if(LONGHAUL_GATES)
  include(${PROJECT_SOURCE_DIR}/cmake/Gates.cmake OPTIONAL)
endif()
