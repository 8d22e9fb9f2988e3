/* The smallest program that stands on an installed libhopscope. */
#include <stdio.h>

#include <hopscope/base.h>
#include <hopscope/capture.h>

int main(void)
{
    char text[16];
    bytes_escape(bytes_of_text("hop\r\n"), text, sizeof text);
    const char *name = capture_link_type_name(1);
    printf("%s %s\n", text, name == NULL ? "?" : name);
    return name == NULL;
}
