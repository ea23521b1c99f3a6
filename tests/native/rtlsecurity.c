/* SIDs, access control lists, security descriptors, privileges. */
#include "check.h"

NTSYSAPI NTSTATUS NTAPI RtlAllocateAndInitializeSid(SID_IDENTIFIER_AUTHORITY *, UCHAR, ULONG, ULONG, ULONG, ULONG, ULONG,
    ULONG, ULONG, ULONG, PSID *);
NTSYSAPI PVOID NTAPI RtlFreeSid(PSID);
NTSYSAPI ULONG NTAPI RtlLengthSid(PSID);
NTSYSAPI BOOLEAN NTAPI RtlValidSid(PSID);
NTSYSAPI BOOLEAN NTAPI RtlEqualSid(PSID, PSID);
NTSYSAPI NTSTATUS NTAPI RtlCopySid(ULONG, PSID, PSID);
NTSYSAPI NTSTATUS NTAPI RtlConvertSidToUnicodeString(PUNICODE_STRING, PSID, BOOLEAN);
NTSYSAPI NTSTATUS NTAPI RtlCreateAcl(PACL, ULONG, ULONG);
NTSYSAPI NTSTATUS NTAPI RtlAddAccessAllowedAce(PACL, ULONG, ACCESS_MASK, PSID);
NTSYSAPI NTSTATUS NTAPI RtlAddAccessAllowedAceEx(PACL, ULONG, ULONG, ACCESS_MASK, PSID);
NTSYSAPI NTSTATUS NTAPI RtlAddAccessDeniedAce(PACL, ULONG, ACCESS_MASK, PSID);
NTSYSAPI NTSTATUS NTAPI RtlGetAce(PACL, ULONG, PVOID *);
NTSYSAPI NTSTATUS NTAPI RtlDeleteAce(PACL, ULONG);
NTSYSAPI BOOLEAN NTAPI RtlValidAcl(PACL);
NTSYSAPI NTSTATUS NTAPI RtlCreateSecurityDescriptor(PSECURITY_DESCRIPTOR, ULONG);
NTSYSAPI NTSTATUS NTAPI RtlSetDaclSecurityDescriptor(PSECURITY_DESCRIPTOR, BOOLEAN, PACL, BOOLEAN);
NTSYSAPI NTSTATUS NTAPI RtlGetDaclSecurityDescriptor(PSECURITY_DESCRIPTOR, PBOOLEAN, PACL *, PBOOLEAN);
NTSYSAPI NTSTATUS NTAPI RtlSetOwnerSecurityDescriptor(PSECURITY_DESCRIPTOR, PSID, BOOLEAN);
NTSYSAPI NTSTATUS NTAPI RtlGetOwnerSecurityDescriptor(PSECURITY_DESCRIPTOR, PSID *, PBOOLEAN);
NTSYSAPI BOOLEAN NTAPI RtlValidSecurityDescriptor(PSECURITY_DESCRIPTOR);
NTSYSAPI ULONG NTAPI RtlLengthSecurityDescriptor(PSECURITY_DESCRIPTOR);
NTSYSAPI NTSTATUS NTAPI RtlAbsoluteToSelfRelativeSD(PSECURITY_DESCRIPTOR, PSECURITY_DESCRIPTOR, PULONG);
NTSYSAPI NTSTATUS NTAPI RtlAdjustPrivilege(ULONG, BOOLEAN, BOOLEAN, PBOOLEAN);
NTSYSAPI NTSTATUS NTAPI NtCreateEvent(PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES, ULONG, BOOLEAN);
NTSYSAPI NTSTATUS NTAPI NtOpenEvent(PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES);
NTSYSAPI NTSTATUS NTAPI NtQuerySecurityObject(HANDLE, ULONG, PVOID, ULONG, PULONG);

static SID_IDENTIFIER_AUTHORITY nt = {{0, 0, 0, 0, 0, 5}};
static PSID admins, local_system;

static void sids(void)
{
    UNICODE_STRING text;
    UCHAR copy[16];
    PSID none;
    CHECK(!RtlAllocateAndInitializeSid(&nt, 2, 32, 544, 0, 0, 0, 0, 0, 0, &admins));
    CHECK(!RtlAllocateAndInitializeSid(&nt, 1, 18, 0, 0, 0, 0, 0, 0, 0, &local_system));
    CHECK(RtlAllocateAndInitializeSid(&nt, 9, 1, 1, 1, 1, 1, 1, 1, 1, &none) == (NTSTATUS)0xC0000078);
    CHECK(RtlLengthSid(admins) == 16 && RtlValidSid(local_system) && !RtlEqualSid(admins, local_system));
    CHECK(RtlCopySid(12, copy, admins) == STATUS_BUFFER_TOO_SMALL_ && !RtlCopySid(16, copy, admins) && RtlEqualSid(copy, admins));
    CHECK(!RtlConvertSidToUnicodeString(&text, admins, TRUE) && is_text(&text, L"S-1-5-32-544"));
    RtlFreeUnicodeString(&text);
}

static ACL *lists(void)
{
    static ULONG memory[25];
    ACL *acl = (ACL *)memory;
    ACCESS_ALLOWED_ACE *ace;
    CHECK(!RtlCreateAcl(acl, sizeof memory, ACL_REVISION) && RtlCreateAcl(acl, 4, ACL_REVISION) == STATUS_BUFFER_TOO_SMALL_);
    CHECK(!RtlAddAccessAllowedAce(acl, ACL_REVISION, 0x1F0003, local_system));
    CHECK(!RtlAddAccessDeniedAce(acl, ACL_REVISION, 1, admins) && !RtlAddAccessAllowedAceEx(acl, ACL_REVISION, 3, 7, admins));
    CHECK(!RtlGetAce(acl, 1, (PVOID *)&ace) && ace->Header.AceType == ACCESS_DENIED_ACE_TYPE && ace->Mask == 1);
    CHECK(!RtlGetAce(acl, 2, (PVOID *)&ace) && ace->Header.AceFlags == 3 && RtlGetAce(acl, 3, (PVOID *)&ace) == STATUS_INVALID_PARAMETER_);
    CHECK(!RtlDeleteAce(acl, 1) && acl->AceCount == 2 && RtlValidAcl(acl));
    CHECK(!RtlAddAccessAllowedAce(acl, ACL_REVISION, 1, admins) && !RtlAddAccessAllowedAce(acl, ACL_REVISION, 1, admins));
    CHECK(RtlAddAccessAllowedAce(acl, ACL_REVISION, 1, admins) == (NTSTATUS)0xC0000099);
    return acl;
}

static void descriptors(ACL *acl)
{
    ULONG memory[60], length = 10;
    SECURITY_DESCRIPTOR absolute;
    BOOLEAN present, defaulted;
    ACL *found;
    PSID owner;
    CHECK(!RtlCreateSecurityDescriptor(&absolute, 1) && !RtlSetDaclSecurityDescriptor(&absolute, TRUE, acl, FALSE));
    CHECK(!RtlSetOwnerSecurityDescriptor(&absolute, local_system, TRUE) && RtlValidSecurityDescriptor(&absolute));
    CHECK(RtlLengthSecurityDescriptor(&absolute) == 40 + 100 + 12);
    CHECK(RtlAbsoluteToSelfRelativeSD(&absolute, memory, &length) == STATUS_BUFFER_TOO_SMALL_ && length == 132);
    CHECK(!RtlAbsoluteToSelfRelativeSD(&absolute, memory, &length) && RtlValidSecurityDescriptor(memory));
    CHECK(!RtlGetDaclSecurityDescriptor(memory, &present, &found, &defaulted) && present && found->AceCount == 4 && !defaulted);
    CHECK(!RtlGetOwnerSecurityDescriptor(memory, &owner, &defaulted) && RtlEqualSid(owner, local_system) && defaulted);
    CHECK(RtlSetOwnerSecurityDescriptor(memory, NULL, FALSE) == (NTSTATUS)0xC0000079);
}

/* The kernel takes what was made here, and gives it back. */
static void of_an_object(ACL *acl)
{
    ULONG memory[60], length;
    SECURITY_DESCRIPTOR absolute;
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name = text_of(L"\\StrangerEvent");
    BOOLEAN present, defaulted;
    HANDLE event;
    ACL *found;
    ok("descriptor", RtlCreateSecurityDescriptor(&absolute, 1));
    ok("list", RtlSetDaclSecurityDescriptor(&absolute, TRUE, acl, FALSE));
    InitializeObjectAttributes(&attributes, &name, CASELESS, NULL, &absolute);
    CHECK(!NtCreateEvent(&event, 0x1F0003, &attributes, 0, FALSE));
    CHECK(!NtQuerySecurityObject(event, DACL_SECURITY_INFORMATION, memory, sizeof memory, &length));
    CHECK(!RtlGetDaclSecurityDescriptor(memory, &present, &found, &defaulted) && present && found->AceCount == 4);
    NtClose(event);
}

static void privileges(void)
{
    BOOLEAN was;
    CHECK(!RtlAdjustPrivilege(19, TRUE, FALSE, &was) && !RtlAdjustPrivilege(19, TRUE, FALSE, &was) && was == TRUE);
    CHECK(!RtlAdjustPrivilege(19, FALSE, FALSE, &was) && was == TRUE && !RtlAdjustPrivilege(19, FALSE, FALSE, &was) && was == FALSE);
    CHECK(RtlAdjustPrivilege(200, TRUE, FALSE, &was) == (NTSTATUS)0xC0000061);
}

PROGRAM(peb)
{
    ACL *acl;
    sids();
    acl = lists();
    descriptors(acl);
    of_an_object(acl);
    privileges();
    CHECK(RtlFreeSid(admins) == NULL);
    return checked("rtlsecurity");
}
