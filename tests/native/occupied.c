/* link: -Wl,--image-base,0x7ffe0000,--dynamicbase */
/* Linked for where KUSER_SHARED_DATA lies. */
#include "relocated.c"
