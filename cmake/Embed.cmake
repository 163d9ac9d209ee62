# Writes OUTPUT_DIR/NAME.{h,c}: `extern const char NAME[]; extern const size_t NAME_len;` with the
# bytes of FOLDER/*.lua, in the order of their names, and a NUL after them that NAME_len does not
# count.
file(GLOB inputs ${FOLDER}/*.lua)
list(SORT inputs)
set(hex "")
foreach(input IN LISTS inputs)
  file(READ ${input} part HEX)
  string(APPEND hex "${part}")
endforeach()
string(REGEX REPLACE "(........................)" "\\1\n    " lines "${hex}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${lines}")
string(TOUPPER ${NAME} guard)
file(WRITE ${OUTPUT_DIR}/${NAME}.h "#ifndef LONGHAUL_GENERATED_${guard}_H
#define LONGHAUL_GENERATED_${guard}_H
#include <stddef.h>
extern const char ${NAME}[]; /* ends in a NUL that is not counted */
extern const size_t ${NAME}_len;
#endif
")
file(WRITE ${OUTPUT_DIR}/${NAME}.c "#include \"ports/${NAME}.h\"
const char ${NAME}[] = {
    ${bytes}'\\0'};
const size_t ${NAME}_len = sizeof(${NAME}) - 1;
")
