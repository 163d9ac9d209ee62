# Libraries of the system. Targets, not global include paths: a folder sees only what it links.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(PROTOBUF_C REQUIRED IMPORTED_TARGET libprotobuf-c)
pkg_check_modules(ZMQ REQUIRED IMPORTED_TARGET libzmq)
pkg_check_modules(CZMQ REQUIRED IMPORTED_TARGET libczmq)
pkg_check_modules(HIREDIS REQUIRED IMPORTED_TARGET hiredis)
pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(ARCHIVE REQUIRED IMPORTED_TARGET libarchive)
pkg_check_modules(CJOSE REQUIRED IMPORTED_TARGET cjose)
pkg_check_modules(H2O REQUIRED IMPORTED_TARGET libh2o-evloop)
find_program(PROTOC_C protoc-c REQUIRED)

# The package does not say so itself; without it the headers silently pick libuv's layout.
target_compile_definitions(PkgConfig::H2O INTERFACE H2O_USE_LIBUV=0)

set(GENERATED ${CMAKE_BINARY_DIR}/generated)
add_custom_target(generated)

# proto/longhaul.proto -> generated/proto/longhaul.pb-c.{h,c}; only lh_wire links it.
set(PROTO ${PROJECT_SOURCE_DIR}/proto/longhaul.proto)
if(EXISTS ${PROTO})
  file(MAKE_DIRECTORY ${GENERATED}/proto)
  add_custom_command(
    OUTPUT ${GENERATED}/proto/longhaul.pb-c.c ${GENERATED}/proto/longhaul.pb-c.h
    COMMAND ${PROTOC_C} --c_out=${GENERATED}/proto --proto_path=${PROJECT_SOURCE_DIR}/proto
            ${PROTO}
    DEPENDS ${PROTO} VERBATIM)
  add_custom_target(generated_proto DEPENDS ${GENERATED}/proto/longhaul.pb-c.h)
  add_dependencies(generated generated_proto)
  add_library(lh_proto STATIC ${GENERATED}/proto/longhaul.pb-c.c)
  add_dependencies(lh_proto generated_proto)
  target_compile_options(lh_proto PRIVATE -w)
  target_include_directories(lh_proto SYSTEM INTERFACE ${GENERATED}/proto)
  target_link_libraries(lh_proto PUBLIC PkgConfig::PROTOBUF_C)
else()
  add_library(lh_proto INTERFACE)
endif()

# lib/ports/functions/*.lua -> generated/lua/ports/functions_lua.{h,c}, compiled into lh_ports.
set(FUNCTIONS_FOLDER ${PROJECT_SOURCE_DIR}/lib/ports/functions)
file(GLOB FUNCTIONS CONFIGURE_DEPENDS ${FUNCTIONS_FOLDER}/*.lua)
add_custom_command(
  OUTPUT ${GENERATED}/lua/ports/functions_lua.c ${GENERATED}/lua/ports/functions_lua.h
  COMMAND ${CMAKE_COMMAND} -DFOLDER=${FUNCTIONS_FOLDER} -DNAME=functions_lua
          -DOUTPUT_DIR=${GENERATED}/lua/ports -P ${PROJECT_SOURCE_DIR}/cmake/Embed.cmake
  DEPENDS ${FUNCTIONS} ${PROJECT_SOURCE_DIR}/cmake/Embed.cmake VERBATIM)
add_custom_target(generated_lua DEPENDS ${GENERATED}/lua/ports/functions_lua.c)
add_dependencies(generated generated_lua)
add_library(lh_functions_lua_code STATIC ${GENERATED}/lua/ports/functions_lua.c)
add_dependencies(lh_functions_lua_code generated_lua)
target_include_directories(lh_functions_lua_code PUBLIC ${GENERATED}/lua)
target_link_libraries(lh_functions_lua_code PRIVATE lh_flags)
add_library(lh_functions_lua INTERFACE)
target_link_libraries(lh_functions_lua INTERFACE lh_functions_lua_code)
# When one of them appears or goes, configure again.
file(GLOB EMBEDDED CONFIGURE_DEPENDS ${PROTO})
