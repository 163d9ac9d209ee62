# The checks of style and structure, as tests of label `gate`; and for each the proof that it sees
# a planted fault (tests/gates/self-test).
set(TIDY_DIR ${CMAKE_BINARY_DIR}/../tidy)

function(lh_gate name timeout_s)
  add_test(NAME gate_${name} COMMAND ${ARGN} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(gate_${name} PROPERTIES LABELS gate TIMEOUT ${timeout_s})
endfunction()

set(SCRIPTS ${PROJECT_SOURCE_DIR}/scripts)
lh_gate(tidy 900 ${SCRIPTS}/check-tidy --db ${TIDY_DIR})
set_tests_properties(gate_tidy PROPERTIES PROCESSORS 2 COST 1000)
lh_gate(format 300 ${SCRIPTS}/check-format)
lh_gate(includes 300 ${SCRIPTS}/check-includes)
lh_gate(functions 300 ${SCRIPTS}/check-functions)
lh_gate(cppcheck 300 ${SCRIPTS}/check-cppcheck ${PROJECT_SOURCE_DIR} ${CMAKE_BINARY_DIR}/cppcheck)
foreach(name format tidy cppcheck functions includes sanitizer setup)
  lh_gate(self_${name} 300 ${PROJECT_SOURCE_DIR}/tests/gates/self-test ${name})
endforeach()
