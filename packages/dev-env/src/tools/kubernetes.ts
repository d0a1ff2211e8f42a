/** The Kubernetes whose schemas our resources must fit. */
export const kubernetesVersion = '1.34.4'
export const kubernetesMinor = kubernetesVersion.split('.')[1]
