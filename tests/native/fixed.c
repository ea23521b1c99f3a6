/* link: -Wl,--image-base,0x7ffe0000,--disable-dynamicbase,--disable-reloc-section */
/* Linked for where KUSER_SHARED_DATA lies, and nowhere else. */
#include "relocated.c"
