/** The way to read resources that the file refers to and that are no kind of ours. */
export const others: Readonly<Record<string, { readonly title: string; readonly apiVersion: string }>> = {
  'microsoft.managedidentity/userassignedidentities': { title: 'user-assigned identity', apiVersion: '2023-01-31' },
  'microsoft.network/networksecuritygroups': { title: 'network security group', apiVersion: '2024-05-01' },
  'microsoft.network/routetables': { title: 'route table', apiVersion: '2024-05-01' }
}
