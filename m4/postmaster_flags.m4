# POSTMASTER_TRY_FLAG(VARIABLE, FLAG, [EXTRA])
# Appends FLAG to VARIABLE when the compiler takes it, for compiling and for linking.
AC_DEFUN([POSTMASTER_TRY_FLAG], [
AS_VAR_PUSHDEF([cache], [postmaster_cv_flag_$2])
AC_CACHE_CHECK([whether $CC takes $2], [cache], [
    saved_cflags=$CFLAGS
    CFLAGS="$CFLAGS -Werror $2 $3"
    AC_LINK_IFELSE([AC_LANG_PROGRAM()], [AS_VAR_SET([cache], [yes])], [AS_VAR_SET([cache], [no])])
    CFLAGS=$saved_cflags])
AS_VAR_IF([cache], [yes], [AS_VAR_APPEND([$1], [" $2"])])
AS_VAR_POPDEF([cache])
])

# POSTMASTER_TRY_FLAGS(VARIABLE, FLAGS)
AC_DEFUN([POSTMASTER_TRY_FLAGS],
    [m4_foreach_w([flag], [$2], [POSTMASTER_TRY_FLAG([$1], m4_defn([flag]))])])

# POSTMASTER_FLAGS
# WARNING_CFLAGS, SANITIZER_CFLAGS, FUZZER_LIBS, and the default CFLAGS and LDFLAGS.
AC_DEFUN([POSTMASTER_FLAGS], [
WARNING_CFLAGS='-Wall -Wextra'
AS_IF([test "$enable_developer" = yes], [
    POSTMASTER_TRY_FLAGS([WARNING_CFLAGS], [-Wpedantic -Wshadow -Wconversion -Wcast-qual
        -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wformat=2 -Wvla -Wundef
        -Wwrite-strings -Wnull-dereference -Wdouble-promotion -Wimplicit-fallthrough
        -Wduplicated-cond -Wduplicated-branches -Wlogical-op])
    AS_VAR_APPEND([WARNING_CFLAGS], [' -Werror'])])

SANITIZER_CFLAGS=
FUZZER_LIBS=
AS_IF([test "$enable_fuzzing" = yes], [
    enable_sanitizers=yes
    AC_CACHE_CHECK([whether $CC links with libFuzzer], [postmaster_cv_libfuzzer], [
        saved_cflags=$CFLAGS
        CFLAGS="$CFLAGS -fsanitize=fuzzer"
        AC_LINK_IFELSE([AC_LANG_SOURCE([[
            int LLVMFuzzerTestOneInput(const unsigned char *data, unsigned long size);
            int LLVMFuzzerTestOneInput(const unsigned char *data, unsigned long size)
            {
                return size > 0 && data[0] > 255;
            }]])], [postmaster_cv_libfuzzer=yes], [postmaster_cv_libfuzzer=no])
        CFLAGS=$saved_cflags])
    AS_IF([test "$postmaster_cv_libfuzzer" = no],
        [AC_MSG_ERROR([--enable-fuzzing needs a compiler with libFuzzer: ./configure CC=clang])])
    SANITIZER_CFLAGS='-fsanitize=fuzzer-no-link'
    FUZZER_LIBS='-fsanitize=fuzzer'])
AS_IF([test "$enable_sanitizers" = yes], [
    AS_VAR_APPEND([SANITIZER_CFLAGS],
        [' -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer'])
    AC_MSG_CHECKING([whether $CC links with the sanitizers])
    saved_cflags=$CFLAGS
    CFLAGS="$CFLAGS $SANITIZER_CFLAGS"
    AC_LINK_IFELSE([AC_LANG_PROGRAM()], [AC_MSG_RESULT([yes])],
        [AC_MSG_RESULT([no])
         AC_MSG_ERROR([--enable-sanitizers: the sanitizer libraries of $CC are not installed])])
    CFLAGS=$saved_cflags])

AS_IF([test "$own_cflags" = no], [
    CFLAGS='-O2 -g'
    AS_IF([test "$enable_sanitizers" = no], [
        POSTMASTER_TRY_FLAGS([CFLAGS], [-fstack-protector-strong -fstack-clash-protection -fPIE])
        AC_MSG_CHECKING([whether the system fortifies by itself])
        AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[
            #ifdef _FORTIFY_SOURCE
            #error fortified
            #endif]])],
            [AC_MSG_RESULT([no])
             AS_VAR_APPEND([CFLAGS], [' -D_FORTIFY_SOURCE=2'])],
            [AC_MSG_RESULT([yes])])])])
AS_IF([test "$own_ldflags" = no && test "$enable_sanitizers" = no],
    [AS_IF([test "$own_cflags" = no], [POSTMASTER_TRY_FLAG([LDFLAGS], [-pie], [-fPIE])])
     POSTMASTER_TRY_FLAGS([LDFLAGS], [-Wl,-z,relro -Wl,-z,now])])
POSTMASTER_TRY_FLAG([AS_NEEDED_LDFLAGS], [-Wl,--as-needed])

AC_SUBST([WARNING_CFLAGS])
AC_SUBST([SANITIZER_CFLAGS])
AC_SUBST([AS_NEEDED_LDFLAGS])
AC_SUBST([FUZZER_LIBS])
AM_CONDITIONAL([FUZZING], [test "$enable_fuzzing" = yes])
])
