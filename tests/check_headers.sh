#!/bin/sh
# Each public header compiles alone, in every C and C++ it promises, and holds no padding.
set -u
: "${CC:=cc}" "${CXX:=c++}" "${PKG_CONFIG:=pkg-config}"
status=0

if $PKG_CONFIG --exists jansson 2>/dev/null; then
    jansson=$($PKG_CONFIG --cflags jansson)
else
    jansson=missing
fi

# -c and not -fsyntax-only: padding is found when a struct is laid out.
compile() { # compiler, language, flags...
    compiler=$1 language=$2
    shift 2
    # Twice: the guard is tested too.
    printf '#include <%s>\n#include <%s>\n' "$header" "$header" |
        $compiler -x "$language" "$@" -Wall -Wextra -Wpedantic -Wpadded -Wundef -Werror \
            -Iinclude $cflags -c -o /dev/null - || {
        echo "$header: does not compile with $compiler $*" >&2
        status=1
    }
}

works() { # compiler, language, flags...
    compiler=$1 language=$2
    shift 2
    printf '#include <stddef.h>\n#include <stdint.h>\n' |
        $compiler -x "$language" "$@" -fsyntax-only - >/dev/null 2>&1
}

cxx=yes
works "$CXX" c++ || {
    cxx=no
    echo "no C++ compiler: C++ is left out"
}
m32=yes
works "$CC" c -m32 || {
    m32=no
    echo "no 32-bit headers: -m32 is left out"
}

for file in include/lambdest.h include/lambdest/*.h; do
    header=${file#include/}
    cflags=
    if [ "$header" = lambdest/jansson.h ]; then
        if [ "$jansson" = missing ]; then
            echo "no jansson: $header is left out"
            continue
        fi
        cflags=$jansson
    elif grep -n 'include.*jansson\.h' "$file"; then
        echo "$file: only lambdest/jansson.h may include jansson" >&2
        status=1
    fi
    for std in c99 c11 c17 c2x; do
        compile "$CC" c -std=$std
    done
    if [ $m32 = yes ]; then
        compile "$CC" c -std=c99 -m32
    fi
    if [ $cxx = yes ]; then
        for std in c++98 c++17 c++20; do
            compile "$CXX" c++ -std=$std
        done
    fi
done
exit $status
